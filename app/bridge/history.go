package bridge

import (
	"net/http"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// unreachedHistory is what is known here of a history, with the reason why it
// is not more.
type unreachedHistory struct {
	Versions []household.HistoryVersion `json:"versions"`
	Problem  api.Problem                `json:"problem"`
}

// getHistory asks the server. When it cannot be reached, the answer is the
// present version alone, with the problem beside it.
func (b *Bridge) getHistory(r *http.Request, at *replica.Replica) (any, error) {
	answer, err := b.forward(r, at)
	if code := store.CodeOf(err); code != store.CodeServerUnreached && code != store.CodeSessionMissing {
		return answer, err
	}
	id, err2 := store.ParseID(r.PathValue("id"))
	if err2 != nil {
		return nil, err2
	}
	e, event, err2 := at.Device().Get(r.Context(), store.Ref{Kind: store.Kind(r.PathValue("kind")), ID: id})
	if err2 != nil {
		return nil, err2
	}
	out := unreachedHistory{Versions: []household.HistoryVersion{{
		EventID: event, At: e.UpdatedAt, Changed: []string{}, Entity: e,
		By: store.Author{UserID: e.IDField("updatedBy")},
	}}}
	return out, json.Unmarshal(problem(err).Body, &out.Problem)
}
