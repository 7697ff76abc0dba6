package window

import (
	"bytes"
	_ "embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"

	"inglenook/store"
)

// contentPolicy lets the page load its own files. It reaches nothing else: what
// it wants to know it asks over the bound method.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed failure.html
var failureHTML string

//go:embed failure.css
var failureCSS []byte

const failureCSSPath = "/failure.css"

// guard stands before Wails' asset handler.
func (w *window) guard(assets http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		header := rw.Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if req.Method != http.MethodGet {
			header.Set("Allow", http.MethodGet)
			http.Error(rw, "only GET", http.StatusMethodNotAllowed)
			return
		}
		switch path.Clean("/" + req.URL.Path) {
		case failureCSSPath:
			header.Set("Content-Type", "text/css; charset=utf-8")
			_, _ = rw.Write(failureCSS) // the page that asked may be gone
		case "/", "/index.html":
			if failed := w.failure(); failed != nil {
				w.showFailure(rw, failed)
				return
			}
			assets.ServeHTTP(rw, req)
		default:
			assets.ServeHTTP(rw, req)
		}
	})
}

// failure is why there is nothing to show, nil when there is.
func (w *window) failure() error {
	if _, err := fs.Stat(w.cfg.UI, "index.html"); err != nil {
		return errNoPage
	}
	_, err := w.device.get()
	return err
}

var errNoPage = store.Errorf(store.CodeNotFound, "", "this build has no page: `make build` makes one that has")

// showFailure answers with a page of its own: there is no device behind the
// usual one.
func (w *window) showFailure(rw http.ResponseWriter, failed error) {
	shown, err := template.New("failure").Parse(failureHTML)
	var body bytes.Buffer
	if err == nil {
		err = shown.Execute(&body, map[string]string{
			"Language": w.words.language, "Title": w.words.failed, "Reason": w.words.reason(failed),
			"Kept": w.words.kept, "Folder": w.cfg.Dir, "Code": string(store.CodeOf(failed)),
		})
	}
	if err != nil {
		w.log.Error().Err(err).Msg("failure cannot be shown")
		http.Error(rw, w.words.failed, http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(body.Bytes()) // the page that asked may be gone
}
