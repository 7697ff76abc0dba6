package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wrong configuration is refused in words, and never with what it holds.
func TestMethodsAreConfigured(t *testing.T) {
	const secret = "hush-hush"
	file := filepath.Join(t.TempDir(), "config.json")
	for _, tt := range []struct{ methods, says string }{
		{`{"telegram":{"botName":"b","botToken":"1:hush-hush"},"oidc":[{"name":"telegram","title":"T","issuer":"https://a.example","clientId":"c","clientSecret":"hush-hush"}]}`, "telegram is the name of another method"},
		{`{"oidc":[{"name":"a","title":"T","issuer":"https://a.example","clientId":"c","clientSecret":"hush-hush","scope":"x"}]}`, "/oidc/0/scope"},
		{`{"oidc":[{"name":"a","title":"T","issuer":"http://a.example","clientId":"c","clientSecret":"hush-hush"}]}`, "https://"},
		{`{"oidc":{"clientSecret":"hush-hush"}}`, "/oidc"},
		{`{"telegram":{"botToken":"hush-hush"}}`, "botName"},
		{`{"telegram":{"botName":"b","botToken":"hush-hush"}}`, "a number, a colon"},
		{`{"off":["telepathy"]}`, "telepathy"},
	} {
		config := `{"data":` + quoted(t.TempDir()) + `,"listen":"127.0.0.1:0","methods":` + tt.methods + `}`
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := command(t, "--config", file, "serve").CombinedOutput()
		if err == nil || !strings.Contains(string(out), tt.says) || strings.Contains(string(out), secret) {
			t.Errorf("%s: %v\n%s", tt.methods, err, out)
		}
	}
	out, err := command(t, "serve", "--data", t.TempDir(), "--methods", secret).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--config") || strings.Contains(string(out), secret) {
		t.Errorf("on the command line: %v\n%s", err, out)
	}
}

func quoted(s string) string { return `"` + s + `"` }
