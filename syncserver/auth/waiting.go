package auth

import (
	"container/list"
	"errors"
	"sync"
	"time"

	"inglenook/store"
	"inglenook/store/household"
)

// waiting keeps what was begun until somebody goes on with it, once, or its time
// is over. It lies in memory only: who has begun before a restart begins anew.
type waiting[T any] struct {
	now  Now
	life time.Duration

	mu        sync.Mutex
	begun     *list.List // of *begun[T], the oldest first: all live equally long
	byKey     map[string]*list.Element
	byAddress map[string]int
	byNetwork map[string]int
}

type begun[T any] struct {
	key, address, network string
	until                 time.Time
	content               T
}

const (
	// maxWaiting bounds the memory of what strangers begin; the oldest of the
	// network that has most goes first.
	maxWaiting = 10_000
	// maxWaitingAddress is what one address may have begun; its oldest goes first.
	maxWaitingAddress = 50
)

func newWaiting[T any](now Now, life time.Duration) *waiting[T] {
	return &waiting[T]{
		now: now, life: life, begun: list.New(),
		byKey: map[string]*list.Element{}, byAddress: map[string]int{}, byNetwork: map[string]int{},
	}
}

// errTaken says that something is kept under a key already.
var errTaken = errors.New("the key is taken")

// put keeps content under a key. Errors: errTaken, store.CodeRateLimited.
func (w *waiting[T]) put(key, address string, content T) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	if w.byKey[key] != nil {
		return errTaken
	}
	network, address := household.Network(address), addressKey(address)
	for e := w.begun.Front(); e != nil && w.byAddress[address] >= maxWaitingAddress; {
		next := e.Next()
		if e.Value.(*begun[T]).address == address {
			w.drop(e)
		}
		e = next
	}
	if w.begun.Len() >= maxWaiting && !w.makeRoom() {
		return store.Errorf(store.CodeRateLimited, "", "too many people sign in at once; try again in a few minutes")
	}
	w.byKey[key] = w.begun.PushBack(&begun[T]{key, address, network, w.now().Add(w.life), content})
	w.byAddress[address]++
	w.byNetwork[network]++
	return nil
}

// makeRoom drops the oldest of the network that has most: a line of version 6 is
// one of 65536 that one customer has. It drops nothing when all have one.
func (w *waiting[T]) makeRoom() bool {
	fullest, most := "", 1
	for network, n := range w.byNetwork {
		if n > most {
			fullest, most = network, n
		}
	}
	for e := w.begun.Front(); e != nil && most > 1; e = e.Next() {
		if e.Value.(*begun[T]).network == fullest {
			w.drop(e)
			return true
		}
	}
	return false
}

// get returns what is kept under a key.
func (w *waiting[T]) get(key string) (content T, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	e, ok := w.byKey[key]
	if ok {
		content = e.Value.(*begun[T]).content
	}
	return content, ok
}

// take returns what is kept under a key when it suits, and keeps it no longer.
// What does not suit stays: whoever has seen a key cannot spoil it.
func (w *waiting[T]) take(key string, suits func(T) bool) (content T, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	e, ok := w.byKey[key]
	if !ok || !suits(e.Value.(*begun[T]).content) {
		return content, false
	}
	w.drop(e)
	return e.Value.(*begun[T]).content, true
}

// change lets change edit what is kept under a key.
func (w *waiting[T]) change(key string, change func(*T)) (ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	e, ok := w.byKey[key]
	if ok {
		change(&e.Value.(*begun[T]).content)
	}
	return ok
}

func (w *waiting[T]) sweep() {
	for e := w.begun.Front(); e != nil && !w.now().Before(e.Value.(*begun[T]).until); e = w.begun.Front() {
		w.drop(e)
	}
}

func (w *waiting[T]) drop(e *list.Element) {
	b := w.begun.Remove(e).(*begun[T])
	delete(w.byKey, b.key)
	if w.byAddress[b.address]--; w.byAddress[b.address] == 0 {
		delete(w.byAddress, b.address)
	}
	if w.byNetwork[b.network]--; w.byNetwork[b.network] == 0 {
		delete(w.byNetwork, b.network)
	}
}
