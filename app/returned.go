package app

import (
	"context"
	_ "embed"
	"net/http"
	"strings"
	"sync"

	"inglenook/syncserver/api"
)

// returnPath is where the browser comes back to.
const returnPath = "/signed-in"

// returnHandler takes the one return that belongs to a sign-in. Whatever else
// comes to its address, from another program or a page that guesses, does
// nothing.
func (a *App) returnHandler(ctx context.Context, state string, came chan<- api.Login) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.Method != http.MethodGet || r.URL.Path != returnPath || state == "" || query.Get("state") != state {
			http.NotFound(w, r)
			return
		}
		once.Do(func() {
			select {
			case came <- api.Login{Code: query.Get("code"), State: state}:
			case <-ctx.Done():
			}
		})
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		page := returnedEnglish
		if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "de") {
			page = returnedGerman
		}
		_, _ = w.Write(page) // who has closed the tab already knows
	})
}

// What the browser shows then.
var (
	//go:embed returned.en.html
	returnedEnglish []byte
	//go:embed returned.de.html
	returnedGerman []byte
)
