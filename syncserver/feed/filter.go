package feed

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"

	"github.com/go-json-experiment/json"
)

// View is what one person gets of one event.
type View struct {
	// Stream is the frame of a stream and Body the same without its framing:
	// {by, at, replacements}; nil when there is nothing to see.
	Stream, Body []byte
	// Forget names what is out of sight from now on; it goes out first.
	Forget []store.Forget
	// Level tells that the person's own level changed: what they hold is to be
	// taken anew.
	Level bool
}

// For decides what a person sees of a frame. Sight is that of now, also for an
// event of long ago: nobody catches up on what they may not see today.
func (f *Feed) For(ctx context.Context, fr *Frame, sight *household.Sight, p access.Person) (View, error) {
	moved := fr.ID < sight.Moved
	if !fr.Special && !moved && sight.Everything(p) {
		return View{Stream: fr.full, Body: fr.Body}, nil
	}
	seen := make([]byte, len(fr.Entries))
	for i := range fr.Entries {
		e := &fr.Entries[i]
		if sight.Sees(p, e.Ref.Kind, e.Container, e.ForUser) {
			seen[i] = 1
		}
	}
	if moved {
		if err := f.store.SeenNow(ctx, p, fr.Entries, seen); err != nil {
			return View{}, err
		}
	}
	var v View
	switch n := bytes.Count(seen, []byte{1}); n {
	case 0:
	case len(seen):
		v.Stream, v.Body = fr.full, fr.Body
	default:
		v.Stream, v.Body = fr.part(seen, f.store.Epoch())
	}
	if !fr.Special {
		return v, nil
	}
	return f.special(ctx, fr, seen, sight, p, v)
}

// part encodes the seen entries, once for everybody who sees just these.
func (fr *Frame) part(seen []byte, epoch store.Epoch) (stream, body []byte) {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	full, ok := fr.some[string(seen)]
	if !ok {
		body := slices.Clone(fr.Prefix())
		for i, first := 0, true; i < len(seen); i++ {
			if seen[i] == 0 {
				continue
			}
			if !first {
				body = append(body, ',')
			}
			first = false
			body = append(body, fr.Change(&fr.Entries[i])...)
		}
		body = append(body, "]}"...)
		full = AppendFrame(nil, store.Cursor{Epoch: epoch, ID: fr.ID}, "replacements", body)
		if fr.some == nil {
			fr.some = map[string][]byte{}
		}
		fr.some[string(seen)] = full
	}
	begin := len("id: \nevent: replacements\ndata: ") + len(store.Cursor{Epoch: epoch, ID: fr.ID}.String())
	return full, full[begin : len(full)-2]
}

// special handles entries that change who sees what.
func (f *Feed) special(ctx context.Context, fr *Frame, seen []byte, sight *household.Sight, p access.Person, v View) (View, error) {
	var gained []byte
	for i := range fr.Entries {
		e := &fr.Entries[i]
		visible := seen[i] == 1
		switch {
		case e.Ref.Kind == "user":
			v.Level = v.Level || e.Sight && e.Ref.ID == p.UserID
		case !visible && saw(sight, p, e):
			refs, err := f.store.RefsBelow(ctx, p, e.Ref)
			if err != nil {
				return v, err
			}
			v.Forget = forget(v.Forget, refs)
		case visible && !saw(sight, p, e):
			below, err := f.store.Below(ctx, p, e.Ref)
			if err != nil {
				return v, err
			}
			if len(gained) > 0 && len(below) > 0 {
				gained = append(gained, ',')
			}
			gained = append(gained, below...)
		}
	}
	if len(gained) == 0 {
		return v, nil
	}
	body := slices.Clone(v.Body[:len(v.Body)-2])
	body = append(append(append(body, ','), gained...), "]}"...)
	v.Body = body
	v.Stream = AppendFrame(nil, store.Cursor{Epoch: f.store.Epoch(), ID: fr.ID}, "replacements", body)
	return v, nil
}

// saw tells whether p could see, before an entry, what it is about.
func saw(sight *household.Sight, p access.Person, e *household.Entry) bool {
	container := e.Container
	switch {
	case e.ForUser == p.UserID && !e.Sight:
		return false // it was hidden from them already
	case e.Sight && e.Container == e.Ref:
		return p.SeesContainer(access.AudienceOf(e.Was))
	case e.From.Kind != "":
		container = e.From
	}
	return sight.Sees(p, e.Ref.Kind, container, 0)
}

func forget(list []store.Forget, refs []store.Ref) []store.Forget {
	for _, ref := range refs {
		i := slices.IndexFunc(list, func(f store.Forget) bool { return f.Kind == ref.Kind })
		if i < 0 {
			list = append(list, store.Forget{Kind: ref.Kind})
			i = len(list) - 1
		}
		list[i].IDs = append(list[i].IDs, ref.ID)
	}
	return list
}

// AppendPage appends the event as a member of a page: with its id, and with what
// is to be forgotten. Nothing when there is nothing to see or forget.
func (fr *Frame) AppendPage(b []byte, v View) ([]byte, error) {
	body := v.Body
	if body == nil {
		if len(v.Forget) == 0 {
			return b, nil
		}
		body = append(slices.Clone(fr.Prefix()), "]}"...)
	}
	b = append(b, `{"id":`...)
	b = strconv.AppendUint(b, uint64(fr.ID), 10)
	b = append(b, ',')
	b = append(b, body[1:len(body)-1]...)
	if len(v.Forget) > 0 {
		raw, err := json.Marshal(v.Forget)
		if err != nil {
			return b, err
		}
		b = append(append(b, `,"forget":`...), raw...)
	}
	return append(b, '}'), nil
}
