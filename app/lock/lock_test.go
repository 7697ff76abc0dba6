package lock_test

import (
	"testing"

	"inglenook/app/lock"
	"inglenook/store"
)

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := lock.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Take(dir); store.CodeOf(err) != store.CodeStoreLocked {
		t.Errorf("a second one: %v, want %s", err, store.CodeStoreLocked)
	}
	other, err := lock.Take(t.TempDir())
	if err != nil {
		t.Errorf("another folder: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := lock.Take(dir)
	if err != nil {
		t.Fatalf("after the first: %v", err)
	}
	for _, l := range []*lock.Lock{again, other} {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
