package httpapi

import (
	"inglenook/store"

	"github.com/gin-gonic/gin"
)

// routes is every path on a page; a test holds it against openapi.yaml. What only
// checks does not call Next: its frame would stay on the stack of every stream.
func (a *API) routes(e *gin.Engine, ui *ui) {
	e.Use(a.identify, a.recover, a.secure, a.checkHost)
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
	open.POST("/api/auth/login/:method", a.handle(a.login))

	in := open.Group("", a.signedIn)
	in.GET("/api/last-event-id", a.handle(a.getLastEventID))
	in.GET("/api/entities", a.handle(a.getEntities))
	in.POST("/api/replacements", a.handle(a.postReplacements))
	in.GET("/api/event", a.handle(a.getEvents))
	in.GET("/api/changes", a.handle(a.getChanges))
	in.GET("/api/history/:kind/:id", a.handle(a.getHistory))
	in.GET("/api/trash", a.handle(a.getTrash))
	in.GET("/api/digest", a.handle(a.getDigest))
	in.GET("/api/users", a.handle(a.getUsers))
	in.GET("/api/users/:id", a.handle(a.getUser))
	in.GET("/api/auth/account", a.handle(a.getAccount))
	in.PATCH("/api/auth/account", a.handle(a.patchAccount))
	in.GET("/api/auth/session", a.handle(a.getSession))
	in.DELETE("/api/auth/session", a.handle(a.logout))
	in.POST("/api/auth/logout", a.handle(a.logout))
	in.GET("/api/auth/sessions", a.handle(a.getSessions))
	in.DELETE("/api/auth/sessions/:id", a.handle(a.deleteSession))
	in.GET("/api/auth/audit", a.handle(a.getAudit))
}
