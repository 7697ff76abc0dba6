package httpapi

import (
	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

// getAudit lets admins read what happened to sessions, sign-ins and access.
func (a *API) getAudit(c *gin.Context) error {
	if a.person(c).Level != access.Admin {
		return store.Errorf(store.CodeForbidden, "", "only an admin reads the audit log")
	}
	before, limit, err := page(c)
	if err != nil {
		return err
	}
	// One more than asked for tells whether there are more.
	records, err := a.Store.AuditPage(c.Request.Context(), uint64(before), limit+1)
	if err != nil {
		return err
	}
	out := api.AuditPage{Records: []api.AuditRecord{}}
	if len(records) > limit {
		records = records[:limit]
		out.Next = records[limit-1].N
	}
	for _, r := range records {
		out.Records = append(out.Records, auditRecord(r))
	}
	return reply(c, out)
}

// auditRecord leaves out the hashes: they are for whoever has the store.
func auditRecord(r household.AuditRecord) api.AuditRecord {
	return api.AuditRecord{
		N: r.N, At: r.At, Kind: r.Kind, UserID: r.UserID, SessionID: r.SessionID, By: r.By, Network: r.Network, Detail: r.Detail,
	}
}
