package syncserver

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"inglenook/store"
	"inglenook/store/household"

	"github.com/rs/zerolog"
)

// markFile notes the newest event id outside the store. A store that comes back
// from a damaged disk or a careless copy with fewer events than were given out
// would silently lose what its clients believe is safe; it is refused instead.
const markFile = "newest-event"

// markInterval is how often the note is renewed while events come.
const markInterval = time.Second

type mark struct {
	name  string
	store *household.Store
	log   zerolog.Logger
}

func newMark(dir string, s *household.Store, log zerolog.Logger) *mark {
	return &mark{filepath.Join(dir, markFile), s, log}
}

// check compares the store with the note. Errors: store.CodeStoreBehind.
func (m *mark) check() error {
	text, err := os.ReadFile(m.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	noted, err := store.ParseCursor(string(text))
	if err != nil {
		return nil //nolint:nilerr // a note that was cut says nothing about the store
	}
	head := m.store.Head()
	if noted.Epoch == head.Epoch && noted.ID > head.ID {
		return store.Errorf(store.CodeStoreBehind, "",
			"the store ends at event %d, but %d had been given out: it is older than it was. Restore a newer copy of the data folder; "+
				"to go on with this one all the same, remove the file %s", head.ID, noted.ID, m.name)
	}
	return nil
}

// keep renews the note until ctx is done, and once more then.
func (m *mark) keep(ctx context.Context) {
	ticker := time.NewTicker(markInterval)
	defer ticker.Stop()
	var noted store.Cursor
	for {
		if head := m.store.Head(); head != noted {
			if err := writeFile(m.name, []byte(head.String())); err != nil {
				m.log.Warn().Err(err).Msg("newest event could not be noted outside the store")
			}
			noted = head
		}
		if ctx.Err() != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}
