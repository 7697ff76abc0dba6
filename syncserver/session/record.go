package session

import (
	"fmt"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json"
)

// record is how a place in the table lies in the store. Instants are
// milliseconds since 1970, 0 for none, and names are short: it is written at
// each rotation.
type record struct {
	Generations []generation `json:"g"` // the head first
	UsedLate    uint64       `json:"l,omitzero"`
	Claim       [3]int64     `json:"c,omitzero"` // generation, head, opened
	Denied      uint64       `json:"d,omitzero"`
	AccessRev   uint64       `json:"a,omitzero"`
	Visits      [3]int64     `json:"v"` // first, previous, latest
	LastUsed    int64        `json:"u"`
	Absolute    int64        `json:"x"`
	Taken       int64        `json:"t,omitzero"`
}

// generation is number, origin, issued, rotates, rotated, expires, first used.
type generation [7]int64

// origins are append-only: their places are stored.
var origins = [...]machine.Origin{machine.OriginLogin, machine.OriginRotate, machine.OriginRecover}

// load reads a session's place in the table.
func load(d household.DeviceSession) (Session, error) {
	var r record
	if err := json.Unmarshal(d.State, &r); err != nil {
		return Session{}, fmt.Errorf("read the state of session %d: %w", d.ID, err)
	}
	m := machine.State{
		Kind: machine.Kind(d.Kind), Level: machine.Level(d.Level),
		UsedLate: r.UsedLate, Denied: r.Denied, AccessRev: r.AccessRev,
		Claim:        machine.Claim{Generation: uint64(r.Claim[0]), Head: uint64(r.Claim[1]), OpenedAt: store.Timestamp(r.Claim[2])},
		FirstVisitAt: store.Timestamp(r.Visits[0]), PreviousVisitAt: store.Timestamp(r.Visits[1]),
		LatestVisitAt: store.Timestamp(r.Visits[2]), LastUsedAt: store.Timestamp(r.LastUsed),
		AbsoluteExpiresAt: store.Timestamp(r.Absolute), TakenAt: store.Timestamp(r.Taken),
		EndReason: machine.EndReason(d.EndReason), EndedAt: d.EndedAt,
	}
	for i := range min(len(r.Generations), len(m.Generations)) {
		g := r.Generations[i]
		if g[1] < 0 || int(g[1]) >= len(origins) {
			return Session{}, fmt.Errorf("read the state of session %d: there is no origin %d", d.ID, g[1])
		}
		m.Generations[i] = machine.Generation{
			Number: uint64(g[0]), Origin: origins[g[1]],
			IssuedAt: store.Timestamp(g[2]), RotatesAt: store.Timestamp(g[3]), RotatedAt: store.Timestamp(g[4]),
			ExpiresAt: store.Timestamp(g[5]), FirstUsedAt: store.Timestamp(g[6]),
		}
	}
	return Session{DeviceSession: d, Table: m}, nil
}

func loadAll(records []household.DeviceSession) (out []Session, err error) {
	out = make([]Session, len(records))
	for i, d := range records {
		if out[i], err = load(d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// save writes its place in the table into a session's record.
func (s *Session) save() error {
	m := s.Table
	r := record{
		UsedLate: m.UsedLate, Denied: m.Denied, AccessRev: m.AccessRev,
		Claim:    [3]int64{int64(m.Claim.Generation), int64(m.Claim.Head), int64(m.Claim.OpenedAt)},
		Visits:   [3]int64{int64(m.FirstVisitAt), int64(m.PreviousVisitAt), int64(m.LatestVisitAt)},
		LastUsed: int64(m.LastUsedAt), Absolute: int64(m.AbsoluteExpiresAt), Taken: int64(m.TakenAt),
	}
	for _, g := range m.Generations {
		if g.Number == 0 {
			break
		}
		origin := int64(0)
		for i, o := range origins {
			if o == g.Origin {
				origin = int64(i)
			}
		}
		r.Generations = append(r.Generations, generation{
			int64(g.Number), origin, int64(g.IssuedAt), int64(g.RotatesAt), int64(g.RotatedAt), int64(g.ExpiresAt), int64(g.FirstUsedAt),
		})
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the state of session %d: %w", s.ID, err)
	}
	s.State, s.Kind, s.Level = raw, string(m.Kind), int(m.Level)
	s.EndedAt, s.EndReason = m.EndedAt, string(m.EndReason)
	return nil
}
