package household

import (
	"context"
	"fmt"
	"regexp"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"
)

// remembered is how many answers are kept for one replica, each in the place of
// the one as many batches older: nothing is searched and nothing is deleted. One
// batch is in flight at a time, so one would do; the rest is for a device whose
// clone or backup repeats older ones.
const remembered = 32

var actName = regexp.MustCompile(`^[A-Za-z0-9._:-]{0,64}$`)

// CheckBatch tells whether a batch has a form that can be applied at all.
// Errors: store.CodeInvalid, store.CodeTooLarge.
func CheckBatch(b store.Batch) error {
	switch {
	case !b.Replica.Valid():
		return store.Errorf(store.CodeInvalid, "replica", "is a whole number from 1 to 2^53−1")
	case b.Seq == 0 || b.Seq > uint64(store.MaxID):
		return store.Errorf(store.CodeInvalid, "seq", "is a whole number from 1 to 2^53−1")
	case !actName.MatchString(b.Act):
		return store.Errorf(store.CodeInvalid, "act", "is at most 64 letters, digits and . _ : -")
	case len(b.Replacements) == 0:
		return store.Errorf(store.CodeInvalid, "replacements", "is empty")
	case len(b.Replacements) > store.MaxBatch:
		return store.Errorf(store.CodeTooLarge, "replacements", "more than %d", store.MaxBatch)
	}
	return nil
}

// Apply takes a batch: authorises and merges each replacement, writes entities,
// history and one event, and remembers the answer, in one transaction. What is
// rejected never blocks the others. A repeated (user, replica, seq) gets the
// first answer again and changes nothing. verified says that the author has proved
// who they are just now: without it what needs that is rejected with
// store.CodeStepUpRequired.
//
// Errors: those of CheckBatch; store.CodeSeqStale for a batch older than the
// remembered ones; store.CodeForbidden when the author is no user any more, and
// store.CodeSessionEnded when their session has ended.
func (s *Store) Apply(ctx context.Context, b store.Batch, by store.Author, verified bool) (store.BatchResult, error) {
	if err := CheckBatch(b); err != nil {
		return store.BatchResult{}, err
	}
	var result store.BatchResult
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		known, err := s.answered(tx, by.UserID, b, &result)
		if known || err != nil {
			return err
		}
		if err := checkLiving(tx, by.SessionID); err != nil {
			return err
		}
		person, ok, err := s.personOf(tx, by.UserID)
		if err != nil {
			return err
		}
		if !ok {
			return store.Errorf(store.CodeForbidden, "", "this user is no longer part of the household")
		}
		person.Verified = verified
		result.Results, result.Event, err = s.takeAll(tx, by, b.Act, b.Replacements, person, false)
		if err != nil {
			return err
		}
		return s.remember(tx, by.UserID, b, result)
	})
	return result, err
}

// checkLiving refuses to write for a session that has ended: whoever ended it has
// been told that nothing comes from there any more.
func checkLiving(r kv.Reader, id store.SessionID) error {
	var d struct {
		EndedAt store.Timestamp `json:"endedAt"`
	}
	if _, err := getJSON(r, deviceSessionKey(id), &d); err != nil {
		return err
	}
	if d.EndedAt != 0 {
		return store.Errorf(store.CodeSessionEnded, "", "this session was ended")
	}
	return nil
}

// answered looks a batch up among the remembered ones.
func (s *Store) answered(tx kv.Tx, user store.ID, b store.Batch, into *store.BatchResult) (known bool, err error) {
	newest, err := s.newestOf(tx, replica{user, b.Replica})
	if err != nil || b.Seq > newest {
		return false, err
	}
	raw, ok, err := tx.Get(answerKey(user, b.Replica, b.Seq))
	if err != nil || !ok {
		return false, err
	}
	switch seq, answer := cutNum(raw); {
	case seq > b.Seq:
		return false, store.Errorf(store.CodeSeqStale, "seq", "is older than the remembered batches of this replica")
	case seq < b.Seq:
		return false, nil
	default:
		if *into, err = decodeAnswer(answer, s.epoch); err != nil {
			return false, fmt.Errorf("read answer %d of replica %d: %w", b.Seq, b.Replica, err)
		}
		return true, nil
	}
}

// remember keeps the answer. What it notes in memory may be too high, when the
// commit fails for want of space: then a repetition looks, and finds nothing.
func (s *Store) remember(tx kv.Tx, user store.ID, b store.Batch, result store.BatchResult) error {
	answer, err := appendAnswer(num(b.Seq), result)
	if err != nil {
		return fmt.Errorf("remember batch %d of replica %d: %w", b.Seq, b.Replica, err)
	}
	if err := tx.Set(answerKey(user, b.Replica, b.Seq), answer); err != nil {
		return err
	}
	of := replica{user, b.Replica}
	s.newest[of] = max(s.newest[of], b.Seq)
	return nil
}

// replica names a device's line of batches. The user is part of it: nobody is
// given another's answers.
type replica struct{ user, number store.ID }

// knownReplicas bounds what is kept in memory of replicas.
const knownReplicas = 4096

// newestOf is the number of the newest remembered batch of a replica, 0 when
// there is none. Only the committer asks, one batch after the other.
func (s *Store) newestOf(r kv.Reader, of replica) (uint64, error) {
	if newest, known := s.newest[of]; known {
		return newest, nil
	}
	if len(s.newest) >= knownReplicas {
		clear(s.newest)
	}
	newest := uint64(0)
	for pair, err := range r.Scan(newKey(prefixAnswer).id(of.user).id(of.number), nil) {
		if err != nil {
			return 0, err
		}
		seq, _ := cutNum(pair.Value)
		newest = max(newest, seq)
	}
	s.newest[of] = newest
	return newest, nil
}

// known is a user's level as the record of an event says it.
type known struct {
	event  store.EventID
	level  access.Level
	living bool
}

// personOf reads a user's level within the transaction, so that a demotion
// holds for everything written after it. A record that was decoded before is not
// decoded again. The committer's alone.
func (s *Store) personOf(tx kv.Tx, user store.ID) (access.Person, bool, error) {
	rec, ok, err := readRecord(tx, store.Ref{Kind: "user", ID: user})
	if err != nil || !ok {
		return access.Person{}, false, err
	}
	u, ok := s.levels[user]
	if !ok || u.event != rec.Event {
		e, err := rec.entity()
		if err != nil {
			return access.Person{}, false, err
		}
		u = known{rec.Event, access.Level(e.String("access")), !e.Deleted}
		// An event that is not committed may yet be another's.
		if rec.Event <= s.Head().ID {
			s.levels[user] = u
		}
	}
	return access.Person{UserID: user, Level: u.level}, u.living, nil
}
