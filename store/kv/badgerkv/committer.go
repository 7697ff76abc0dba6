package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/dgraph-io/badger/v4"

	"inglenook/store"
	"inglenook/store/kv"
)

// request is an Update that waits for the committer. The queue has no buffer:
// who is still sending has not begun and may give up.
type request struct {
	ctx  context.Context
	fn   func(kv.Tx) error
	done chan error // buffered: the committer never waits for a caller
}

// maxGroupBytes ends a group: with the largest usual function on top it still
// fits one Badger transaction (2.4 MiB).
const maxGroupBytes = 1 << 20

// commitLoop is the committer.
func (db *DB) commitLoop() {
	for {
		select {
		case first := <-db.queue:
			db.runGroup(first)
		case <-db.closing:
			return
		}
	}
}

// group is the Updates that share one commit.
type group struct {
	over    *overlay
	read    reads
	members []member
}

// member is one Update of a group, after its function has run.
type member struct {
	done  chan error
	err   error
	hooks []func()
}

func (db *DB) runGroup(first *request) {
	if err := db.writable(); err != nil {
		first.done <- err
		return
	}
	g := &group{over: newOverlay(), read: reads{}}
	base := db.snapshots.current.txn // only this goroutine replaces it
	for r := first; r != nil; r = db.nextOf(g) {
		g.run(r, base, db.options)
	}
	if err := db.commit(g.over); err != nil {
		for _, m := range g.members {
			m.done <- err
		}
		return
	}
	for _, m := range g.members {
		for _, hook := range m.hooks {
			db.runHook(hook)
		}
	}
	for _, m := range g.members {
		m.done <- m.err
	}
}

// writable tells why nothing can be written now.
func (db *DB) writable() error {
	if db.broken != nil {
		return fmt.Errorf("writing ended, open the store again: %w", db.broken)
	}
	return db.space.check(0)
}

// nextOf returns another Update that waits already, or nil. Those answered a
// moment ago run first: writers in a loop meet in one group instead of two that
// take turns, and what follows from one commit shares the next.
func (db *DB) nextOf(g *group) *request {
	if g.over.bytes >= maxGroupBytes {
		return nil
	}
	select {
	case r := <-db.queue:
		return r
	default:
		runtime.Gosched()
	}
	select {
	case r := <-db.queue:
		return r
	default:
		return nil
	}
}

// run runs one function over what the group has written so far. One that fails
// takes back what it wrote itself.
func (g *group) run(r *request, base *badger.Txn, o Options) {
	m := member{done: r.done}
	if m.err = r.ctx.Err(); m.err == nil {
		t := &tx{reader: reader{txn: base, over: g.over, read: g.read}, now: o.Now()}
		g.over.begin()
		if m.err = guarded(r.fn, t); m.err == nil {
			m.hooks = t.hooks
		} else {
			g.over.takeBack()
		}
	}
	g.members = append(g.members, m)
}

// guarded turns a panic of fn into its error: the others of the group are not
// to blame.
func guarded(fn func(kv.Tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("update panicked: %s\n%s", store.PanicText(p), debug.Stack())
		}
	}()
	return fn(t)
}

// runHook runs one after-commit hook. What it follows is durable, so its panic
// must not look like a failed Update.
func (db *DB) runHook(hook func()) {
	defer func() {
		if p := recover(); p != nil {
			db.options.Log.Error().Str("panic", store.PanicText(p)).Bytes("stack", debug.Stack()).
				Msg("after-commit hook panicked")
		}
	}()
	hook()
}

// commit makes an overlay durable and publishes the state after it. An error
// other than a full disk ends writing: what reached the disk is known only
// after the next Open.
func (db *DB) commit(over *overlay) error {
	if len(over.writes) == 0 {
		return nil
	}
	ops, parts := db.layOut(over)
	var err error
	if fits(db.engine, ops) {
		err = db.write("group", ops)
	} else if err = db.space.check(intentCopies * int64(over.bytes)); err != nil {
		return err
	} else {
		err = db.writeIntent(ops)
	}
	if err != nil {
		db.broken = fmt.Errorf("commit: %w", err)
		return db.broken
	}
	db.noteParts(parts)
	db.snapshots.publish(db.engine.NewTransaction(false))
	return nil
}

// op is one write in the form Badger gets it.
type op struct {
	key    []byte
	value  []byte
	mark   byte // Badger's user byte
	delete bool
}

// fits tells whether the ops go into one Badger transaction. It counts a bit
// more for each than Badger does.
func fits(engine *badger.DB, ops []op) bool {
	const perOp, perTxn = 32, 256
	bytes := int64(perTxn)
	for _, o := range ops {
		bytes += int64(len(o.key) + len(o.value) + perOp)
	}
	return bytes < engine.MaxBatchSize() && int64(len(ops)+2) < engine.MaxBatchCount()
}

// write commits ops as one synced Badger transaction. step names it for tests.
func (db *DB) write(step string, ops []op) error {
	if db.options.beforeWrite != nil {
		if err := db.options.beforeWrite(step); err != nil {
			return err
		}
	}
	txn := db.engine.NewTransaction(true)
	defer txn.Discard()
	for _, o := range ops {
		var err error
		if o.delete {
			err = txn.Delete(o.key)
		} else {
			err = txn.SetEntry(badger.NewEntry(o.key, o.value).WithMeta(o.mark))
		}
		if err != nil {
			return err
		}
	}
	err := txn.Commit()
	if errors.Is(err, badger.ErrBlockedWrites) {
		return ErrClosed
	}
	return err
}
