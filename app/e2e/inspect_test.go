//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gorilla/websocket"
)

// glance is the pause between two looks at a condition.
const glance = 20 * time.Millisecond

// inspector looks into the page of a window, over WebKit's remote inspector: its
// protocol is that of the Web Inspector, wrapped into messages to a target.
type inspector struct {
	t      testing.TB
	socket *websocket.Conn
	target string
	calls  int
}

var socketPath = regexp.MustCompile(`/socket/\d+/\d+/WebPage`)

// inspect waits until the window at an address can be looked into.
func inspect(t testing.TB, address string) *inspector {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var path string
	for path == "" {
		path = socketPath.FindString(get(ctx, "http://"+address+"/"))
		if ctx.Err() != nil {
			t.Fatal("no page can be inspected")
		}
		if path == "" {
			time.Sleep(glance / 4)
		}
	}
	socket, answer, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+address+path, nil)
	if err != nil {
		t.Fatalf("dial the inspector: %v", err)
	}
	_ = answer.Body.Close() // a switch of protocols has none
	t.Cleanup(func() { _ = socket.Close() })
	i := &inspector{t: t, socket: socket}
	for i.target == "" {
		m := i.read()
		if m.Method == "Target.targetCreated" && m.Params.TargetInfo.Type == "page" {
			i.target = m.Params.TargetInfo.TargetID
		}
	}
	return i
}

func get(ctx context.Context, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "" // not listening yet
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return ""
	}
	return string(body)
}

// message is what comes from the inspector, as far as it matters here.
type message struct {
	Method string `json:"method"`
	Params struct {
		Message    string `json:"message"`
		TargetInfo struct {
			TargetID string `json:"targetId"`
			Type     string `json:"type"`
		} `json:"targetInfo"`
	} `json:"params"`
}

func (i *inspector) read() (m message) {
	i.t.Helper()
	if err := i.socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
		i.t.Fatalf("listen to the inspector: %v", err)
	}
	_, raw, err := i.socket.ReadMessage()
	if err != nil {
		i.t.Fatalf("read from the inspector: %v", err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		i.t.Fatalf("read from the inspector: %v in %s", err, raw)
	}
	return m
}

// evaluate returns the value of an expression in the page.
func (i *inspector) evaluate(expression string) jsontext.Value {
	i.t.Helper()
	i.calls += 2
	inner, err := json.Marshal(map[string]any{
		"id": i.calls, "method": "Runtime.evaluate",
		"params": map[string]any{"expression": expression, "returnByValue": true},
	})
	if err != nil {
		i.t.Fatal(err)
	}
	outer, err := json.Marshal(map[string]any{
		"id": i.calls + 1, "method": "Target.sendMessageToTarget",
		"params": map[string]any{"targetId": i.target, "message": string(inner)},
	})
	if err != nil {
		i.t.Fatal(err)
	}
	if err := i.socket.WriteMessage(websocket.TextMessage, outer); err != nil {
		i.t.Fatalf("write to the inspector: %v", err)
	}
	for {
		m := i.read()
		if m.Method != "Target.dispatchMessageFromTarget" {
			continue
		}
		var answer struct {
			ID     int `json:"id"`
			Result struct {
				Result struct {
					Value jsontext.Value `json:"value"`
				} `json:"result"`
				WasThrown bool `json:"wasThrown"`
			} `json:"result"`
		}
		if err := json.Unmarshal([]byte(m.Params.Message), &answer); err != nil {
			i.t.Fatalf("read from the page: %v", err)
		}
		if answer.ID != i.calls {
			continue
		}
		if answer.Result.WasThrown {
			i.t.Fatalf("the page threw at %s: %s", expression, m.Params.Message)
		}
		return answer.Result.Result.Value
	}
}

// text is the value of an expression that is a string.
func (i *inspector) text(expression string) (s string) {
	i.t.Helper()
	if err := json.Unmarshal(i.evaluate(expression), &s); err != nil {
		i.t.Fatalf("%s is no text: %v", expression, err)
	}
	return s
}

func (i *inspector) number(expression string) (n float64) {
	i.t.Helper()
	if err := json.Unmarshal(i.evaluate(expression), &n); err != nil {
		i.t.Fatalf("%s is no number: %v", expression, err)
	}
	return n
}

// until waits until an expression holds. After that long it fails, and says
// what the page shows.
func (i *inspector) until(what, expression string) {
	i.t.Helper()
	for end := time.Now().Add(patience / 4); time.Now().Before(end); time.Sleep(glance) {
		if string(i.evaluate("!!("+expression+")")) == "true" {
			return
		}
	}
	i.t.Fatalf("not %s; the page at %s shows:\n%s", what,
		i.text("location.hash"), strings.ReplaceAll(i.text("document.body.innerText"), "\n\n", "\n"))
}

// shows waits until a text can be seen.
func (i *inspector) shows(text string) {
	i.t.Helper()
	i.until(fmt.Sprintf("showing %q", text), fmt.Sprintf("document.body?.innerText.includes(%q)", text))
}

// settled waits until nothing moves any more.
func (i *inspector) settled() {
	i.t.Helper()
	i.until("still", "document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)")
}
