package httpapi

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"strings"

	"inglenook/store"

	"github.com/gin-gonic/gin"
)

// ui serves the page's files from memory as they were built: with .br and .gz
// beside them where that pays. Names under assets/ carry a hash of their
// content and never change.
type ui struct{ files map[string][]byte }

func newUI(files fs.FS) (*ui, error) {
	u := &ui{files: map[string][]byte{}}
	if files == nil {
		return u, nil
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		u.files[name], err = fs.ReadFile(files, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the page's files: %w", err)
	}
	return u, nil
}

// serve answers what is no route: the page, one of its files, or not-found. A
// missing file is never answered with the page.
func (u *ui) serve(c *gin.Context) error {
	missing := store.Errorf(store.CodeNotFound, "", "there is nothing here")
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead || strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return missing
	}
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/")
	if name == "" || name == "." {
		name = "index.html"
	}
	body, ok := u.files[name]
	if !ok {
		return missing
	}
	h := c.Writer.Header()
	maps.Copy(h, pageHeaders)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	for _, variant := range []struct{ suffix, encoding string }{{".br", "br"}, {".gz", "gzip"}} {
		if small, ok := u.files[name+variant.suffix]; ok && strings.Contains(c.GetHeader("Accept-Encoding"), variant.encoding) {
			h.Set("Content-Encoding", variant.encoding)
			body = small
			break
		}
	}
	contentType := mime.TypeByExtension(path.Ext(name))
	if contentType == "" {
		contentType = http.DetectContentType(bytes.TrimSpace(body))
	}
	sendBody(c, http.StatusOK, contentType, body)
	return nil
}
