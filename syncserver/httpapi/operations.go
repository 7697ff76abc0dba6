package httpapi

import (
	"fmt"
	"net/http"
	"net/netip"

	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
)

func (a *API) getHealth(c *gin.Context) error { return reply(c, api.Health{Status: "alive"}) }

func (a *API) getReady(c *gin.Context) error {
	if a.Draining.Err() != nil {
		return store.Errorf(store.CodeDraining, "", "the server is about to stop")
	}
	return reply(c, api.Health{Status: "ready"})
}

func (a *API) getVersion(c *gin.Context) error {
	return reply(c, api.Version{Version: a.Version, Commit: a.Commit, Protocol: api.Protocol})
}

// getOpenAPI joins the contract with the kinds' schemas. It is asked rarely and
// made anew each time, rather than kept.
func (a *API) getOpenAPI(c *gin.Context) error {
	raw, err := yaml.YAMLToJSON(api.OpenAPI)
	if err != nil {
		return fmt.Errorf("read the contract: %w", err)
	}
	var doc struct {
		Components struct {
			Schemas   map[string]jsontext.Value `json:"schemas"`
			Responses jsontext.Value            `json:"responses"`
		} `json:"components"`
		Rest map[string]jsontext.Value `json:",embed"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("read the contract: %w", err)
	}
	var kinds map[string]jsontext.Value
	if err := json.Unmarshal(kind.Schemas(), &kinds); err != nil {
		return fmt.Errorf("read the kinds: %w", err)
	}
	for name, schema := range kinds {
		if _, taken := doc.Components.Schemas[name]; !taken {
			doc.Components.Schemas[name] = schema
		}
	}
	body, err := json.Marshal(doc, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("write the contract: %w", err)
	}
	sendBody(c, http.StatusOK, "application/json", body)
	return nil
}

// getMetrics is for a collector on the same machine.
func (a *API) getMetrics(c *gin.Context) error {
	// A proxy on this machine is local too; whom it speaks for is not.
	forwarded := c.GetHeader("X-Forwarded-For") != "" || c.GetHeader("Forwarded") != ""
	if addr, err := netip.ParseAddr(c.RemoteIP()); err != nil || !addr.Unmap().IsLoopback() || forwarded {
		return store.Errorf(store.CodeNotFound, "", "there is nothing here")
	}
	c.Header("Content-Type", "text/plain; version=0.0.4")
	a.meters.set.WritePrometheus(c.Writer)
	return nil
}
