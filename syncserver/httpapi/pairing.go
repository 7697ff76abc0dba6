package httpapi

import (
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

// getPairing shows the device that shows a code, to whoever is to decide.
func (a *API) getPairing(c *gin.Context) error {
	found, err := a.Auth.Pairing.Device(device(c).UserID, c.Query("code"))
	if err != nil {
		return err
	}
	return reply(c, found)
}

// postPairing lets it in as the user of this session, which takes the key of this
// device, or where there is none a step-up.
func (a *API) postPairing(c *gin.Context) error {
	if err := a.letsIn(c); err != nil {
		return err
	}
	var in api.Approve
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	if err := a.Auth.Pairing.Approve(c.Request.Context(), in.Code, a.fromDevice(c)); err != nil {
		return err
	}
	return noContent(c)
}

// deletePairing refuses it.
func (a *API) deletePairing(c *gin.Context) error {
	if err := a.Auth.Pairing.Refuse(device(c).UserID, c.Query("code")); err != nil {
		return err
	}
	return noContent(c)
}
