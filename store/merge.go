package store

import (
	"bytes"
	"slices"
	"strings"
)

// Rule says how two changes of one field made in ignorance of each other are
// joined. The kind's schema chooses it.
type Rule uint8

// The rules of a field.
const (
	Last Rule = iota // the later one wins, the other is kept as superseded
	Text             // three-way merge; overlaps keep both, marked
	Map              // entry by entry, each by Last
)

// Version is an entity as one event left it.
type Version struct {
	EventID EventID
	By      Author
	Stamp   Timestamp // the author's clock at this change, clamped; Entity.UpdatedAt is the newest of all
	Changed []string  // the units its author set, sorted: "title", "participants/42"; also to the value they had
	Entity  Entity
}

// Superseded is a value somebody wrote that did not become, or did not stay,
// the entity's. It is kept in the history, where "use the other" finds it.
type Superseded struct {
	Unit  string    `json:"unit"`  // "title", "participants/42", "" for the whole entity
	Value RawValue  `json:"value"` // null: the unit was taken away
	By    Author    `json:"by"`
	Stamp Timestamp `json:"stamp"`
}

// Merging is everything Merge looks at.
type Merging struct {
	Replacement Replacement
	By          Author
	Now         Timestamp

	// Base is the newest version at or below Replacement.Base, nil when there
	// is none. Since are the versions after it, oldest first. Together they end
	// with the entity as it stands; both empty: the id is new. Of other
	// sessions' versions but the last the fields are not looked at.
	Base  *Version
	Since []Version

	// Living is the newest living version, for a tombstone that is revived.
	Living *Version

	// Rule gives the rule of a field. Derived tells that ids of this kind are
	// made from content, so that two creations are one thing.
	Rule    func(field string) Rule
	Derived bool
}

// Merge is the one conflict rule (PROTOCOL.md, "Merge"). It is pure. The
// result's Status is Applied or Merged; its version is to become the entity's
// newest, also when nothing changed, because the author waits for an event that
// answers.
//
// Errors: CodeIDConflict, CodeUnknownID.
func Merge(m Merging) (Outcome, error) {
	in := m.Replacement
	stamp := in.Entity.UpdatedAt.Clamp(m.Now)
	current := m.current()
	if current == nil {
		if in.Entity.Deleted || in.Base != 0 {
			return Outcome{}, Errorf(CodeUnknownID, "entity.id", "there is no %s %d to replace", in.Kind, in.Entity.ID)
		}
		return created(m, stamp), nil
	}
	theirs := m.theirs()
	if in.Base == 0 && !m.Derived && len(theirs) > 0 && m.Since[0].By.SessionID != m.By.SessionID {
		return Outcome{}, Errorf(CodeIDConflict, "entity.id", "the id %d is taken", in.Entity.ID)
	}
	j := joining{Merging: m, stamp: stamp, current: current, theirs: theirs}
	switch {
	case in.Entity.Deleted:
		return j.delete(), nil
	case current.Entity.Deleted:
		return j.restoreOrRevive(), nil
	default:
		return j.edit(current.Entity, j.wanted()), nil
	}
}

// Outcome is what Merge decided.
type Outcome struct {
	Status     Status
	Version    Version // EventID is for the caller to set
	Superseded []Superseded
	Revived    bool // an edit brought a deleted entity back
}

func (m Merging) current() *Version {
	if n := len(m.Since); n > 0 {
		return &m.Since[n-1]
	}
	return m.Base
}

// theirs are the versions the author had not seen: later than base and written
// by another session. What the author's own session wrote after base it wrote
// in order, so the later replacement means the earlier one too.
func (m Merging) theirs() []Version {
	var out []Version
	for _, v := range m.Since {
		if v.By.SessionID != m.By.SessionID {
			out = append(out, v)
		}
	}
	return out
}

func created(m Merging, stamp Timestamp) Outcome {
	e := m.Replacement.Entity.Clone()
	e.UpdatedAt = stamp
	return Outcome{Status: Applied, Version: Version{By: m.By, Stamp: stamp, Changed: Diff(Entity{}, e, m.Rule), Entity: e}}
}

// joining is one merge with an entity that exists.
type joining struct {
	Merging
	stamp   Timestamp
	current *Version
	theirs  []Version
}

// base is the entity the author had before them: their own newest version when
// nobody came in between, else the one at Replacement.Base.
func (j joining) base() Entity {
	var base Entity
	if j.Base != nil {
		base = j.Base.Entity
	}
	for _, v := range j.Since {
		if v.By.SessionID != j.By.SessionID {
			break
		}
		base = v.Entity
	}
	return base
}

// wanted are the units the replacement means to change: those it names, or all
// in which it differs from what stood at Replacement.Base. What the author's own
// session has written since counts too, for it may be taken back.
func (j joining) wanted() []string {
	var from Entity
	if j.Base != nil {
		from = j.Base.Entity
	}
	all := Diff(from, j.Replacement.Entity, j.Rule)
	for _, v := range j.Since {
		if v.By.SessionID == j.By.SessionID {
			all = append(all, v.Changed...)
		}
	}
	if j.Replacement.Changed == nil {
		return sorted(all)
	}
	var units []string
	for _, unit := range j.Replacement.Changed {
		if field, key := SplitUnit(unit, j.Rule); key != "" || j.Rule(field) != Map {
			units = append(units, unit)
			continue
		}
		for _, entry := range all {
			if strings.HasPrefix(entry, unit+"/") {
				units = append(units, entry)
			}
		}
	}
	return sorted(units)
}

func sorted(units []string) []string {
	slices.Sort(units)
	return slices.Compact(slices.DeleteFunc(units, func(unit string) bool { return unit == "deleted" }))
}

// delete is rule 5: a deletion wins, and what others changed since base stays
// findable.
func (j joining) delete() Outcome {
	out := Outcome{Status: Applied}
	last := j.current.Entity
	if last.Deleted && j.Living != nil {
		last = j.Living.Entity
	}
	lost := map[string]bool{} // as it last was; what it was before are versions of the history
	for _, v := range slices.Backward(j.theirs) {
		for _, unit := range v.Changed {
			if v.Entity.Deleted || unit == "deleted" || lost[unit] {
				continue
			}
			lost[unit] = true
			if rival := j.rival(unit); rival != nil {
				out.Superseded = append(out.Superseded, Superseded{unit, Get(last, unit, j.Rule), rival.By, rival.Stamp})
			}
		}
	}
	if len(out.Superseded) > 0 {
		out.Status = Merged
	}
	e := Tombstone(j.current.Entity.ID, max(j.stamp, j.current.Entity.UpdatedAt))
	out.Version = Version{By: j.By, Stamp: j.stamp, Entity: e}
	if !j.current.Entity.Deleted {
		out.Version.Changed = []string{"deleted"}
	}
	return out
}

// restoreOrRevive is rule 4.
func (j joining) restoreOrRevive() Outcome {
	in := j.Replacement
	var deletedByOthers bool
	for _, v := range j.theirs {
		deletedByOthers = deletedByOthers || v.Entity.Deleted
	}
	if !deletedByOthers { // the author knew the tombstone: a restore
		e := in.Entity.Clone()
		e.UpdatedAt = max(j.stamp, j.current.Entity.UpdatedAt)
		changed := Diff(Entity{}, e, j.Rule)
		if j.Living != nil { // what it had and is not to have again has changed too
			changed = append(changed, Diff(j.Living.Entity, e, j.Rule)...)
		}
		return Outcome{Status: Applied, Version: Version{
			By: j.By, Stamp: j.stamp, Entity: e, Changed: append([]string{"deleted"}, sorted(changed)...),
		}}
	}
	wanted := j.wanted()
	if j.Living == nil || !slices.ContainsFunc(wanted, isContent) {
		out := Outcome{Status: Merged, Version: Version{By: j.By, Stamp: j.stamp, Entity: j.current.Entity}}
		for _, unit := range wanted {
			out.Superseded = append(out.Superseded, Superseded{unit, Get(in.Entity, unit, j.Rule), j.By, j.stamp})
		}
		return out
	}
	out := j.edit(j.Living.Entity, wanted)
	out.Status, out.Revived = Merged, true
	out.Version.Entity.UpdatedAt = max(out.Version.Entity.UpdatedAt, j.current.Entity.UpdatedAt)
	out.Version.Changed = append([]string{"deleted"}, out.Version.Changed...)
	return out
}

// isContent tells an edit that deserves to bring a deleted thing back from a
// tick or a move, which does not.
func isContent(unit string) bool {
	switch unit {
	case "done", "doneAt", "doneBy", "orderKey":
		return false
	}
	return true
}

// edit lays the wanted units over the entity: rules 1 to 3. A unit that is set
// to the value it has counts as changed: its author has spoken later than whoever
// set it first, and that decides what comes next.
func (j joining) edit(onto Entity, wanted []string) Outcome {
	in, base := j.Replacement, j.base()
	out := Outcome{Status: Applied, Version: Version{By: j.By, Stamp: j.stamp}}
	if len(j.theirs) > 0 {
		out.Status = Merged
	}
	e := onto.Clone()
	var spoken []string
	for _, unit := range wanted {
		mine := Get(in.Entity, unit, j.Rule)
		rival := j.rival(unit)
		now := Get(e, unit, j.Rule)
		if rival == nil || bytes.Equal(mine, now) && j.wins(rival) {
			set(&e, unit, mine, j.Rule)
			spoken = append(spoken, unit)
			continue
		}
		if bytes.Equal(mine, now) {
			continue
		}
		if j.Rule(unit) == Text {
			merged, clean := mergeText(textOf(base.Fields[unit]), textOf(now), textOf(mine))
			_ = e.Set(unit, merged) // a string always has a JSON form
			spoken = append(spoken, unit)
			if !clean {
				out.Superseded = append(out.Superseded,
					Superseded{unit, now, rival.By, rival.Stamp}, Superseded{unit, mine, j.By, j.stamp})
			}
			continue
		}
		if j.wins(rival) {
			out.Superseded = append(out.Superseded, Superseded{unit, now, rival.By, rival.Stamp})
			set(&e, unit, mine, j.Rule)
			spoken = append(spoken, unit)
		} else {
			out.Superseded = append(out.Superseded, Superseded{unit, mine, j.By, j.stamp})
		}
	}
	e.UpdatedAt = max(j.stamp, onto.UpdatedAt)
	out.Version.Entity = e
	out.Version.Changed = sorted(append(Diff(onto, e, j.Rule), spoken...))
	return out
}

// rival is the newest version in which another session changed the unit since
// base, nil when none did, or when the author has spoken after it and won. Texts
// are joined from base each time and have a rival all the same. Between a map as
// a whole and its entries there is no rivalry: Diff always speaks of entries.
func (j joining) rival(unit string) *Version {
	for i := len(j.Since) - 1; i >= 0; i-- {
		v := &j.Since[i]
		switch {
		case !slices.Contains(v.Changed, unit):
		case v.By.SessionID != j.By.SessionID:
			return v
		case j.Rule(unit) != Text:
			return nil
		}
	}
	return nil
}

// wins is the last-writer rule: the later stamp, then the higher session id.
func (j joining) wins(rival *Version) bool {
	if j.stamp != rival.Stamp {
		return j.stamp > rival.Stamp
	}
	return j.By.SessionID > rival.By.SessionID
}
