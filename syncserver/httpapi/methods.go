package httpapi

import (
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"

	"github.com/gin-gonic/gin"
)

// from says where a request comes from.
func (a *API) from(c *gin.Context) auth.From {
	scheme := "http://"
	if a.encrypted(c) {
		scheme = "https://"
	}
	return auth.From{Address: c.ClientIP(), Origin: scheme + c.Request.Host, Encrypted: a.encrypted(c)}
}

func (a *API) getMethods(c *gin.Context) error {
	methods, err := a.Auth.Listings(c.Request.Context(), a.from(c))
	if err != nil {
		return err
	}
	home, err := a.Store.Household(c.Request.Context())
	if err != nil {
		return err
	}
	return reply(c, api.Methods{
		Household: home.String("name"), Instance: a.Store.Instance(), Methods: methods, Encrypted: a.encrypted(c),
	})
}
