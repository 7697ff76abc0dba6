package account_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/api"
)

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made when it is needed")
	f := account.NewFile(dir)
	if _, ok, err := f.Load(); ok || err != nil {
		t.Fatalf("before the first save: %v, %v", ok, err)
	}
	if err := f.Remove(); err != nil {
		t.Errorf("remove what is not there: %v", err)
	}
	session := api.Session{User: store.Entity{ID: 7, UpdatedAt: 1}}
	for _, value := range []string{"v1.1.secret", "v1.2.secret"} {
		if err := f.Save(account.Account{URL: "http://x", Value: value, Session: session}); err != nil {
			t.Fatal(err)
		}
		a, ok, err := account.NewFile(dir).Load()
		if err != nil || !ok || a.Value != value || a.URL != "http://x" {
			t.Errorf("loaded %+v, %v, %v", a, ok, err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder has %v (%v)", files, err)
	}
	if stat, err := files[0].Info(); err != nil || runtime.GOOS != "windows" && stat.Mode().Perm() != 0o600 {
		t.Errorf("others may read the secret: %v, %v", stat.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, files[0].Name()), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Load(); err == nil {
		t.Error("a damaged file is read as if nothing were wrong")
	}
	if err := f.Remove(); err != nil {
		t.Error(err)
	}
	if _, ok, err := f.Load(); ok || err != nil {
		t.Errorf("after removal: %v, %v", ok, err)
	}
}
