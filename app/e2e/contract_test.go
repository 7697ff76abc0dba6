package e2e

import (
	"strings"
	"testing"

	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/api/apitest"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// bridgeTarget asks as the page in the window does.
type bridgeTarget struct{ *device }

func (b bridgeTarget) Ask(t testing.TB, r apitest.Request) apitest.Answer {
	t.Helper()
	answer := b.Bridge().Handle(t.Context(), bridge.Request{Method: r.Method, Path: r.Path, Body: r.Body, IfMatch: r.IfMatch})
	content := "application/json"
	if answer.Status >= 400 {
		content = "application/problem+json"
	}
	return apitest.Answer{Status: answer.Status, ContentType: content, ETag: answer.ETag, Body: answer.Body}
}

// TestBridgeContract: the bridge answers as a server does.
func TestBridgeContract(t *testing.T) {
	apitest.Run(t, func(t *testing.T) apitest.Target {
		server := servertest.Start(t, servertest.Options{})
		d := newDevice(t, "A", server.Clock.Now)
		d.join(server, "Anna")
		d.online()
		d.synced(0)
		return bridgeTarget{d}
	})
}

// TestBridgeServesTheContract: every operation about sessions is answered by the
// bridge, but those that make a session or move it along.
func TestBridgeServesTheContract(t *testing.T) {
	own := map[string]bool{ // the device's own business
		"POST /api/auth/login/{method}": true, "POST /api/auth/rebind/{method}": true, "POST /api/auth/recover": true,
		"POST /api/auth/refresh": true, "GET /api/auth/callback/{method}": true,
		// Of a server alone.
		"GET /api/event": true, "GET /api/health": true, "GET /api/ready": true, "GET /api/openapi.json": true, "GET /metrics": true,
	}
	server := servertest.Start(t, servertest.Options{})
	d := newDevice(t, "A", server.Clock.Now)
	contract := apitest.Load(t)
	for operation := range contract.Paths() {
		method, path, _ := strings.Cut(operation, " ")
		path = strings.NewReplacer("{kind}", "note", "{id}", "5", "{method}", "demo", "{seq}", "5").Replace(path)
		answer := bridgeTarget{d}.Ask(t, apitest.Request{Method: method, Path: path, Body: []byte("{}")})
		var problem api.Problem
		if answer.Status >= 400 {
			if err := json.Unmarshal(answer.Body, &problem); err != nil {
				t.Errorf("%s: %v", operation, err)
			}
		}
		missing := problem.Code == store.CodeMethod || problem.Code == store.CodeNotFound && problem.Detail == "there is no such path"
		if missing != own[operation] {
			t.Errorf("%s: %d %s", operation, answer.Status, answer.Body)
		}
	}
}
