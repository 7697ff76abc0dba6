package main

import (
	"encoding/binary"
	"strconv"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/go-json-experiment/json/jsontext"
)

// value is one value as it comes in and goes out.
type value struct {
	Key   string         `json:"key"`
	Value jsontext.Value `json:"value"`
}

// An event is a batch with its number. It is encoded once, as the frame of a
// stream, and stored so; a page of changes cuts its line out of it.
//
//	e id(8, BE)   id: N \n data: {"id":N,"values":[…]} \n\n
//	v key         the value's JSON
type event struct {
	id    uint64
	frame []byte
}

// eventLog is the store: one committer, the newest events in memory, and a channel
// that is closed when there are more.
type eventLog struct {
	db    *badger.DB
	queue chan *batch
	ended chan struct{}

	mu   sync.Mutex
	head uint64
	tail []event // consecutive, the last one is head
	wake chan struct{}
}

// batch waits for the committer.
type batch struct {
	values []value
	raw    []byte // as it came
	id     uint64
	done   chan error
}

const (
	tailEvents = 1024
	groupBytes = 4 << 20 // with a batch on top it fits one Badger transaction
)

func openLog(dir string) (*eventLog, error) {
	db, err := badger.Open(badger.DefaultOptions(dir).WithSyncWrites(true).WithDetectConflicts(false).WithLogger(nil))
	if err != nil {
		return nil, err
	}
	l := &eventLog{db: db, queue: make(chan *batch, 1024), ended: make(chan struct{}), wake: make(chan struct{})}
	_ = db.View(func(txn *badger.Txn) error {
		at := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte("e")})
		defer at.Close()
		if at.Seek(eventKey(1<<64 - 1)); at.Valid() {
			l.head = binary.BigEndian.Uint64(at.Item().Key()[1:])
		}
		return nil
	})
	go l.commitLoop()
	return l, nil
}

// close waits for the committer; no handler runs any more.
func (l *eventLog) close() error {
	close(l.queue)
	<-l.ended
	return l.db.Close()
}

func eventKey(id uint64) []byte { return binary.BigEndian.AppendUint64([]byte("e"), id) }

// write returns when the batch is on disk.
func (l *eventLog) write(values []value, raw []byte) (id uint64, err error) {
	b := &batch{values: values, raw: raw, done: make(chan error, 1)}
	l.queue <- b
	err = <-b.done
	return b.id, err
}

// commitLoop commits all that wait with one sync; meanwhile the next gather.
func (l *eventLog) commitLoop() {
	defer close(l.ended)
	for first := range l.queue {
		group, size := []*batch{first}, len(first.raw)
		for size < groupBytes && len(l.queue) > 0 {
			b := <-l.queue
			group, size = append(group, b), size+len(b.raw)
		}
		events, err := l.commit(group)
		if err == nil {
			l.publish(events)
		}
		for _, b := range group {
			b.done <- err
		}
	}
}

func (l *eventLog) commit(group []*batch) ([]event, error) {
	txn := l.db.NewTransaction(true)
	defer txn.Discard()
	events := make([]event, len(group))
	for i, b := range group {
		b.id = l.head + 1 + uint64(i) //nolint:gosec // not negative
		events[i] = event{b.id, encode(b)}
		if err := txn.Set(eventKey(b.id), events[i].frame); err != nil {
			return nil, err
		}
		for _, v := range b.values {
			if err := txn.Set(append([]byte("v"), v.Key...), v.Value); err != nil {
				return nil, err
			}
		}
	}
	return events, txn.Commit()
}

func encode(b *batch) []byte {
	id := strconv.FormatUint(b.id, 10)
	frame := make([]byte, 0, len(b.raw)+64)
	frame = append(append(frame, "id: "...), id...)
	frame = append(append(frame, "\ndata: {\"id\":"...), id...)
	frame = append(append(frame, `,"values":`...), b.raw...)
	return append(frame, "}\n\n"...)
}

func (l *eventLog) publish(events []event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head += uint64(len(events))
	l.tail = append(l.tail, events...)
	if n := len(l.tail); n > 2*tailEvents {
		l.tail = append([]event(nil), l.tail[n-tailEvents:]...)
	}
	close(l.wake)
	l.wake = make(chan struct{})
}

// next returns events behind one that are in memory, and the channel that is
// closed with the next. ok is false when they have to be read from disk.
func (l *eventLog) next(after uint64) (events []event, wake <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	behind := l.head - min(after, l.head)
	if behind > uint64(len(l.tail)) {
		return nil, l.wake, false
	}
	return l.tail[uint64(len(l.tail))-behind:], l.wake, true
}

// each yields the frames on disk behind an event.
func (l *eventLog) each(after uint64, yield func(event) error) error {
	return l.scan("e", eventKey(after+1), func(key, value []byte) error {
		return yield(event{binary.BigEndian.Uint64(key[1:]), value})
	})
}

// scan yields the pairs with a prefix from start on. Values lie beside their
// keys: prefetching them would only cost goroutines.
func (l *eventLog) scan(prefix string, start []byte, yield func(key, value []byte) error) error {
	return l.db.View(func(txn *badger.Txn) error {
		at := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix)})
		defer at.Close()
		for at.Seek(start); at.Valid(); at.Next() {
			item := at.Item()
			if err := item.Value(func(v []byte) error { return yield(item.Key(), v) }); err != nil {
				return err
			}
		}
		return nil
	})
}
