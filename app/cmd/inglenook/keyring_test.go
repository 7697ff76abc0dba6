package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inglenook/syncserver/servertest"
)

// TestSecretsOfScripts: told to do without the keyring, the program keeps its
// device key in a file that nobody else can read, and says so to the server.
func TestSecretsOfScripts(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	s := shell{t: t, dir: t.TempDir()}
	out := s.ok("", "login", server.URL, "--name", "Anna", "--demo")
	if !strings.Contains(out, `"level": 1`) {
		t.Errorf("signed in with %s, want level 1", out)
	}
	path := filepath.Join(s.dir, "accounts.json")
	kept, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(kept), `"seed"`) {
		t.Fatalf("kept is %s (%v), want a seed", kept, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	s.ok("", "sync", "--once")
	s.fails(exitUse, "--keyring=perhaps", "status")
}
