package httpapi_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// mine watches what must not come to light: canaries that a test sends, and
// every secret that crosses its connections, and where it might.
type mine struct {
	mu       sync.Mutex
	canaries map[string]string // what it was, by what follows song
	secrets  map[string]string // what it was, by the secret
	told     bytes.Buffer      // logs, problems, errors
}

// song begins every canary. It has nine bytes, so that it is found in base64
// too.
const song = "zqxcanary"

// canary is a new secret, in small letters and digits, so that it gets as far as
// possible.
func (m *mine) canary(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	number := fmt.Sprintf("%06d", len(m.canaries))
	m.canaries[number] = name
	return song + number
}

// watch keeps an eye on a secret that is none of our canaries.
func (m *mine) watch(name, secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(secret) >= 8 && !strings.Contains(secret, song) {
		m.secrets[secret] = name
	}
}

// Write takes what is logged.
func (m *mine) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told.Write(b)
}

// members are those of messages that hold secrets.
var members = []string{"value", "accessToken", "code", "codes", "secret", "state", "binding", "claimId", "password"}

// RoundTrip notes the secrets of a request and its answer.
func (m *mine) RoundTrip(req *http.Request) (*http.Response, error) {
	m.headers(req.Header)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		_, _ = fmt.Fprintln(m, err)
		return nil, err
	}
	m.headers(resp.Header)
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if media == "text/event-stream" {
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if media == "application/problem+json" {
		_, _ = m.Write(append(body, '\n'))
		return resp, err
	}
	var answer any
	if json.Unmarshal(body, &answer) == nil {
		m.walk("", answer)
	}
	return resp, err
}

func (m *mine) headers(h http.Header) {
	for _, name := range []string{api.HeaderProof, api.HeaderNonce, api.HeaderValue} {
		m.watch(name, h.Get(name))
	}
	m.watch("Authorization", strings.TrimPrefix(h.Get("Authorization"), "Bearer "))
	for _, header := range slices.Concat(h["Cookie"], h["Set-Cookie"]) {
		for part := range strings.SplitSeq(header, ";") {
			if name, value, found := strings.Cut(strings.TrimSpace(part), "="); found && strings.Contains(name, "inglenook-") {
				m.watch("cookie", value)
			}
		}
	}
}

func (m *mine) walk(name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for member, inner := range value {
			m.walk(member, inner)
		}
	case []any:
		for _, inner := range value {
			m.walk(name, inner)
		}
	case string:
		if slices.Contains(members, name) {
			m.watch(name, value)
		}
	}
}

// search looks for every secret, as it is and as it might be written.
func (m *mine) search(t *testing.T, where string, text []byte) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	find := func(name, secret string) {
		t.Helper()
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), base64.RawStdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				end := i + len(form)
				if secret == song {
					name = m.canaries[string(text[end:min(end+6, len(text))])]
				}
				t.Errorf("%s holds a secret, %s: …%s…", where, name, text[max(i-150, 0):min(end+50, len(text))])
				return
			}
		}
	}
	find("a canary", song)
	for secret, name := range m.secrets {
		find(name, secret)
		if dot := strings.LastIndexByte(secret, '.'); dot > 0 && len(secret)-dot > 20 {
			find(name, secret[dot+1:]) // what makes a value secret
		}
	}
}
