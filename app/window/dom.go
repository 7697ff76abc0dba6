package window

import (
	"context"
	_ "embed"

	"inglenook/store"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// paintedPath is where page.js says that the page has been painted. It is no
// path of the bridge.
const paintedPath = "/window/painted"

//go:embed page.js
var pageJS string

// domReady runs whenever the page has been loaded.
func (w *window) domReady(ctx context.Context) { runtime.WindowExecJS(ctx, pageJS) }

// painted takes the page's word that it has been painted, and on what ground:
// once loaded, and whenever that may have changed.
func (w *window) painted(body string) {
	var in struct {
		Ground string `json:"ground"`
	}
	w.first.Do(func() { w.log.Info().Dur("after", w.cfg.Now().Sub(w.started)).Msg("page is painted") })
	if store.DecodeStrict([]byte(body), &in) != nil {
		return
	}
	ground, ok := hex(in.Ground)
	if !ok {
		return
	}
	if err := w.memory.change(func(p *place) { p.Ground = ground }); err != nil {
		w.log.Warn().Err(err).Msg("ground of the page cannot be kept")
	}
}
