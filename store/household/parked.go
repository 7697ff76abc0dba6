package household

import (
	"context"
	"fmt"

	"inglenook/store"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// Parked is an own replacement the server did not take, with its reason. It is
// not shown any more and blocks nothing; a person decides what becomes of it.
type Parked struct {
	Seq         uint64            `json:"seq"`
	At          store.Timestamp   `json:"at"`
	Act         string            `json:"act,omitempty"`
	Replacement store.Replacement `json:"replacement"`
	Code        store.Code        `json:"code"`
	Message     string            `json:"message"`
	Field       string            `json:"field,omitempty"`
}

func parkedKey(seq uint64) key { return newKey(prefixParked).num(seq) }

func (t *draft) park(p Parked) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("park replacement %d: %w", p.Seq, err)
	}
	t.touch(p.Replacement.Ref())
	return t.tx.Set(parkedKey(p.Seq), raw)
}

// Parked returns what is parked, oldest first.
func (d *Device) Parked(ctx context.Context) (out []Parked, err error) {
	err = d.view(ctx, func(r kv.Reader) error {
		for pair, err := range r.Scan([]byte{prefixParked}, nil) {
			if err != nil {
				return err
			}
			var p Parked
			if err := json.Unmarshal(pair.Value, &p); err != nil {
				return fmt.Errorf("read what is parked: %w", err)
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// Retry writes a parked replacement again, over what is shown now.
//
// Errors: store.CodeNotFound, and the reason when it may not be written.
func (d *Device) Retry(ctx context.Context, seq uint64) error {
	return d.update(ctx, func(t *draft) error {
		p, err := t.unpark(seq)
		if err != nil {
			return err
		}
		t.touched.Act = p.Act
		reason, err := t.write(p.Act, p.Replacement)
		if reason != nil {
			return reason
		}
		return err
	})
}

// Discard gives a parked replacement up. Errors: store.CodeNotFound.
func (d *Device) Discard(ctx context.Context, seq uint64) error {
	return d.update(ctx, func(t *draft) error {
		p, err := t.unpark(seq)
		t.touch(p.Replacement.Ref())
		return err
	})
}

func (t *draft) unpark(seq uint64) (p Parked, err error) {
	raw, ok, err := t.tx.Get(parkedKey(seq))
	if err != nil {
		return p, err
	}
	if !ok {
		return p, store.Errorf(store.CodeNotFound, "seq", "nothing is parked under %d", seq)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read parked replacement %d: %w", seq, err)
	}
	return p, t.tx.Delete(parkedKey(seq))
}
