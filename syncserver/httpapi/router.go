package httpapi

import (
	"inglenook/store"

	"github.com/gin-gonic/gin"
)

// routes is every path on a page; a test holds it against openapi.yaml. What only
// checks does not call Next: its frame would stay on the stack of every stream.
func (a *API) routes(e *gin.Engine, ui *ui) {
	e.Use(a.identify, a.recover, a.secure, a.checkHost, a.checkDev)
	e.NoRoute(a.handle(func(c *gin.Context) error { return ui.serve(c) }))
	e.NoMethod(a.handle(func(*gin.Context) error {
		return store.Errorf(store.CodeMethod, "", "this path does not take that method")
	}))

	open := e.Group("", a.checkUnsafe)
	open.GET("/api/health", a.handle(a.getHealth))
	open.GET("/api/ready", a.handle(a.getReady))
	open.GET("/api/version", a.handle(a.getVersion))
	open.GET("/api/openapi.json", a.handle(a.getOpenAPI))
	open.GET("/metrics", a.handle(a.getMetrics))
	open.GET("/api/auth/methods", a.handle(a.getMethods))
	open.POST("/api/auth/begin/:method", a.handle(a.begin))
	open.GET("/api/auth/callback/:method", a.handle(a.callback))
	open.POST("/api/auth/login/:method", a.handle(a.login))
	open.POST("/api/auth/rebind/:method", a.handle(a.rebind))
	open.POST("/api/auth/recover", a.handle(a.recoverSession))
	open.POST("/api/auth/refresh", a.handle(a.refresh))
	open.POST("/api/auth/logout", a.handle(a.logout))
	open.DELETE("/api/auth/session", a.handle(a.logout))
	open.DELETE("/api/auth/tokens", a.handle(a.logout))

	known := open.Group("", a.known(maxBody), a.spare)
	known.GET("/api/auth/session", a.handle(a.getSession))
	known.PATCH("/api/auth/session", a.handle(a.patchSession))
	known.GET("/api/auth/session/data", a.handle(a.getSessionData))
	known.PUT("/api/auth/session/data", a.handle(a.putSessionData))
	known.DELETE("/api/auth/session/notices/:id", a.handle(a.deleteNotice))

	known.POST("/api/auth/account", a.handle(a.postAccount))

	open.POST("/api/replacements", a.signedIn(maxBatchBody), a.handle(a.postReplacements))

	in := open.Group("", a.signedIn(maxBody))
	in.GET("/api/last-event-id", a.handle(a.getLastEventID))
	in.GET("/api/entities", a.handle(a.getEntities))
	in.GET("/api/event", a.handle(a.getEvents))
	in.GET("/api/changes", a.handle(a.getChanges))
	in.GET("/api/history/:kind/:id", a.handle(a.getHistory))
	in.GET("/api/trash", a.handle(a.getTrash))
	in.GET("/api/digest", a.handle(a.getDigest))
	in.GET("/api/users", a.handle(a.getUsers))
	in.GET("/api/users/:id", a.handle(a.getUser))
	in.GET("/api/auth/account", a.handle(a.getAccount))
	in.PATCH("/api/auth/account", a.handle(a.patchAccount))
	in.DELETE("/api/auth/account", a.handle(a.deleteAccount))
	in.GET("/api/auth/account/methods", a.handle(a.getAccountMethods))
	in.POST("/api/auth/account/methods/:method", a.handle(a.postAccountMethod))
	in.DELETE("/api/auth/account/methods/:method", a.handle(a.deleteAccountMethod))
	in.POST("/api/auth/account/recovery", a.handle(a.postRecovery))
	in.GET("/api/auth/pair", a.handle(a.getPairing))
	in.POST("/api/auth/pair", a.handle(a.postPairing))
	in.DELETE("/api/auth/pair", a.handle(a.deletePairing))
	in.GET("/api/auth/invitations", a.handle(a.getInvitations))
	in.POST("/api/auth/invitations", a.handle(a.postInvitation))
	in.DELETE("/api/auth/invitations/:id", a.handle(a.deleteInvitation))
	in.GET("/api/auth/requests", a.handle(a.getJoinRequests))
	in.POST("/api/auth/requests/:id", a.handle(a.postJoinRequest))
	in.DELETE("/api/auth/requests/:id", a.handle(a.deleteJoinRequest))
	in.POST("/api/auth/verify/:method", a.handle(a.verify))
	in.POST("/api/auth/tokens", a.handle(a.postTokens))
	in.GET("/api/auth/sessions", a.handle(a.getSessions))
	in.DELETE("/api/auth/sessions", a.handle(a.deleteOtherSessions))
	in.PATCH("/api/auth/sessions/:id", a.handle(a.patchSessions))
	in.DELETE("/api/auth/sessions/:id", a.handle(a.deleteSessions))
	in.GET("/api/auth/audit", a.handle(a.getAudit))
}
