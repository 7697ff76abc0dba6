package kvtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"inglenook/store/kv"
)

// testIsolation: a View keeps its state whatever is committed meanwhile.
func testIsolation(t *testing.T, db kv.DB) {
	write(t, db, "a", "old", "b", "old")
	view(t, db, func(before kv.Reader) {
		update(t, db, func(tx kv.Tx) error {
			return errors.Join(tx.Set([]byte("a"), []byte("new")), tx.Delete([]byte("b")), tx.Set([]byte("c"), nil))
		})
		pairs, err := pairsOf(before, nil, nil, false)
		if err != nil || len(pairs) != 2 {
			t.Errorf("the earlier View sees %q, %v", pairs, err)
		}
		if err := errors.Join(expect(before, "a", []byte("old")), expect(before, "b", []byte("old"))); err != nil {
			t.Errorf("the earlier View: %v", err)
		}
		view(t, db, func(after kv.Reader) {
			if err := errors.Join(expect(after, "a", []byte("new")), expect(after, "b", nil)); err != nil {
				t.Errorf("the later View: %v", err)
			}
		})
	})
	own := errors.New("own error")
	if err := db.View(context.Background(), func(kv.Reader) error { return own }); err != own { //nolint:errorlint // as it is
		t.Errorf("View returned %v instead of the function's error", err)
	}
}

// testRollback: of Updates in one group, those that fail take back what they
// wrote and nothing else, and the others see each other's writes.
func testRollback(t *testing.T, db kv.DB) {
	const members = 40
	own := errors.New("own error")
	var fns []func(kv.Tx) error
	for i := range members {
		fns = append(fns, func(tx kv.Tx) error {
			count, err := number(tx, "count")
			if err != nil {
				return err
			}
			if err := errors.Join(
				tx.Set([]byte("count"), strconv.AppendInt(nil, count+1, 10)),
				tx.Set(fmt.Appendf(nil, "member/%02d", i), nil),
				tx.Delete([]byte("victim")),
			); err != nil || i%2 == 0 {
				return err
			}
			if err := errors.Join(tx.Set([]byte("victim"), []byte("resurrected"))); err != nil {
				return err
			}
			return own
		})
	}
	write(t, db, "victim", "alive", "count", "0")
	for i, err := range inGroup(db, fns...) {
		if failed := i < members && i%2 == 1; failed && err != own || !failed && err != nil { //nolint:errorlint // as it is
			t.Errorf("member %d: %v", i, err)
		}
	}
	view(t, db, func(r kv.Reader) {
		if err := errors.Join(expect(r, "count", []byte(strconv.Itoa(members/2))), expect(r, "victim", nil)); err != nil {
			t.Error(err)
		}
		pairs, err := pairsOf(r, []byte("member/"), nil, false)
		if err != nil || len(pairs) != members/2 {
			t.Fatalf("%d members wrote, %v", len(pairs), err)
		}
		for i, pair := range pairs {
			if want := fmt.Sprintf("member/%02d", 2*i); string(pair.Key) != want {
				t.Errorf("%q is there instead of %q", pair.Key, want)
			}
		}
	})
}

// testPanic: a panic is the error of its Update alone.
func testPanic(t *testing.T, db kv.DB) {
	errs := inGroup(db,
		func(tx kv.Tx) error { return tx.Set([]byte("before"), nil) },
		func(tx kv.Tx) error {
			_ = tx.Set([]byte("panicked"), nil)
			panic("of a transaction")
		},
		func(tx kv.Tx) error { return tx.Set([]byte("after"), nil) },
	)
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("errors: %v", errs)
	}
	view(t, db, func(r kv.Reader) {
		if err := errors.Join(
			expect(r, "before", []byte{}), expect(r, "panicked", nil), expect(r, "after", []byte{}),
		); err != nil {
			t.Error(err)
		}
	})
}

// testHooks: hooks run in order, after what they announce can be read and
// before Update returns; never for a function that failed.
func testHooks(t *testing.T, db kv.DB) {
	var mu sync.Mutex
	var ran []string
	note := func(name string) func() {
		return func() {
			err := db.View(context.Background(), func(r kv.Reader) error { return expect(r, "k", []byte("v")) })
			mu.Lock()
			defer mu.Unlock()
			ran = append(ran, name)
			if err != nil {
				t.Errorf("hook %s: %v", name, err)
			}
		}
	}
	update(t, db, func(tx kv.Tx) error {
		tx.AfterCommit(note("first"))
		tx.AfterCommit(note("second"))
		mu.Lock()
		defer mu.Unlock()
		if len(ran) > 0 {
			return errors.New("a hook ran before the commit")
		}
		return tx.Set([]byte("k"), []byte("v"))
	})
	if want := []string{"first", "second"}; !slices.Equal(ran, want) {
		t.Fatalf("hooks ran: %q, want %q", ran, want)
	}
	update(t, db, func(tx kv.Tx) error {
		tx.AfterCommit(note("without a write"))
		return nil
	})
	own := errors.New("own error")
	_ = db.Update(context.Background(), func(tx kv.Tx) error {
		tx.AfterCommit(note("of a failed function"))
		return own
	})
	update(t, db, func(tx kv.Tx) error {
		tx.AfterCommit(func() { panic("of a hook") })
		tx.AfterCommit(note("after a panic"))
		return tx.Set([]byte("more"), nil)
	})
	if want := []string{"first", "second", "without a write", "after a panic"}; !slices.Equal(ran, want) {
		t.Fatalf("hooks ran: %q, want %q", ran, want)
	}
}

// testCancelled: a context that ends before the function ran ends the Update,
// one that ends later does not.
func testCancelled(t *testing.T, db kv.DB) {
	ended, end := context.WithCancel(context.Background())
	end()
	ran := func(kv.Tx) error { return errors.New("the function ran") }
	if err := db.Update(ended, ran); !errors.Is(err, context.Canceled) {
		t.Errorf("Update with an ended context: %v", err)
	}
	if err := db.View(ended, func(kv.Reader) error { return errors.New("ran") }); !errors.Is(err, context.Canceled) {
		t.Errorf("View with an ended context: %v", err)
	}

	held, release := make(chan struct{}), make(chan struct{})
	running, endRunning := context.WithCancel(context.Background())
	holder := make(chan error, 1)
	go func() {
		holder <- db.Update(running, func(tx kv.Tx) error {
			close(held)
			<-release
			return tx.Set([]byte("held"), nil)
		})
	}()
	<-held
	waiting, endWaiting := context.WithCancel(context.Background())
	waiter := make(chan error, 1)
	go func() { waiter <- db.Update(waiting, ran) }()
	endWaiting()
	if err := <-waiter; !errors.Is(err, context.Canceled) { // while the committer is still held
		t.Errorf("Update with a context that ended while it waited: %v", err)
	}
	endRunning()
	close(release)
	if err := <-holder; err != nil {
		t.Errorf("Update with a context that ended while its function ran: %v", err)
	}
	view(t, db, func(r kv.Reader) {
		if err := expect(r, "held", []byte{}); err != nil {
			t.Error(err)
		}
	})
}

// testCounter: 64 writers that count see consecutive numbers.
func testCounter(t *testing.T, db kv.DB) {
	const writers, each = 64, 20
	numbers := make(chan int64, writers*each)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				var mine int64
				if err := db.Update(context.Background(), func(tx kv.Tx) error {
					last, err := number(tx, "counter")
					mine = last + 1
					return errors.Join(err, tx.Set([]byte("counter"), strconv.AppendInt(nil, mine, 10)))
				}); err != nil {
					t.Error(err)
				}
				numbers <- mine
			}
		})
	}
	all.Wait()
	close(numbers)
	var got []int64
	for n := range numbers {
		got = append(got, n)
	}
	slices.Sort(got)
	for i, n := range got {
		if n != int64(i+1) {
			t.Fatalf("number %d was given out at place %d", n, i+1)
		}
	}
}

func number(r kv.Reader, key string) (int64, error) {
	value, ok, err := r.Get([]byte(key))
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseInt(string(value), 10, 64)
}

// testClosed: Close lets the running Update finish and refuses later work.
func testClosed(t *testing.T, db kv.DB) {
	held, release := make(chan struct{}), make(chan struct{})
	running, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		running <- db.Update(context.Background(), func(tx kv.Tx) error {
			close(held)
			<-release
			return tx.Set([]byte("k"), nil)
		})
	}()
	<-held
	go func() { closed <- db.Close() }()
	close(release)
	if err := <-running; err != nil {
		t.Errorf("the running Update: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := db.Update(context.Background(), func(kv.Tx) error { return nil }); err == nil {
		t.Error("Update works on a closed store")
	}
	if err := db.View(context.Background(), func(kv.Reader) error { return nil }); err == nil {
		t.Error("View works on a closed store")
	}
	if err := db.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}
