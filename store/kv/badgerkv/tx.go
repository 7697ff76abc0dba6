package badgerkv

import (
	"fmt"
	"time"

	"inglenook/store/kv"
)

// tx is what one Update's function writes to: the group's overlay.
type tx struct {
	reader
	now   time.Time
	hooks []func()
}

func (t *tx) Set(key, value []byte) error {
	if err := checkKey(key); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	if len(value) > kv.MaxValueBytes {
		return fmt.Errorf("set %q: a value has at most %d bytes, not %d", key, kv.MaxValueBytes, len(value))
	}
	t.over.set(key, value)
	return nil
}

func (t *tx) Delete(key []byte) error {
	if err := checkKey(key); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	t.over.delete(key)
	return nil
}

func (t *tx) Now() time.Time { return t.now }

func (t *tx) AfterCommit(hook func()) { t.hooks = append(t.hooks, hook) }
