package household

import (
	"strconv"

	"inglenook/store"
)

// Kinds of records that the household itself writes; others are their writers'.
const (
	// AuditUserAccess: a user came, went, or may do something else. Detail event,
	// and from and to, each "" when there was or is no such user.
	AuditUserAccess = "user.access"
	// AuditAudience: a container has another audience. Detail event, kind, id, and
	// from and to as they are in the container, "" for everybody's.
	AuditAudience = "audience.changed"
)

// auditAccess records what an event changes of who may do or see what, and takes
// back the invitations of a user whose access it changes.
func (w *writer) auditAccess() error {
	for i := range w.staged {
		r, changed := w.accessChange(&w.staged[i])
		if !changed {
			continue
		}
		r.Detail["event"] = strconv.FormatUint(uint64(w.event.ID), 10)
		if err := appendAudit(w.tx, r); err != nil {
			return err
		}
		if r.Kind != AuditUserAccess || r.Detail["from"] == "" {
			continue
		}
		if err := uninvite(w.tx, r.UserID); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) accessChange(st *staged) (AuditRecord, bool) {
	ref, e := st.entry.Ref, st.outcome.Version.Entity
	lived := st.was != nil && !isTombstone(st.before.JSON)
	from, to := "", ""
	switch {
	case ref.Kind == "user":
		if lived {
			from = st.was.String("access")
		}
		if !e.Deleted {
			to = e.String("access")
		}
		r := AuditRecord{Kind: AuditUserAccess, UserID: ref.ID, Detail: map[string]string{"from": from, "to": to}}
		if w.by != (store.Author{UserID: ref.ID}) {
			r.By = w.by
		}
		return r, from != to
	case st.entry.Container == ref && !e.Deleted:
		if lived {
			from = string(st.was.Fields["audience"])
		}
		to = string(e.Fields["audience"])
		return AuditRecord{
			Kind: AuditAudience, UserID: w.by.UserID, SessionID: w.by.SessionID,
			Detail: map[string]string{"kind": string(ref.Kind), "id": ref.ID.String(), "from": from, "to": to},
		}, from != to
	}
	return AuditRecord{}, false
}
