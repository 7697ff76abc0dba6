package main

import (
	"context"
	"os"
	"path/filepath"
)

// paint points to where the desktop's first paint is measured: it takes a
// display, and looking into the window.
func (b *bench) paint(context.Context) ([]row, error) {
	r := row{Measure: "desktop, start to first paint", Unit: "s", Note: "measured in the window: make e2e"}
	if _, err := os.Stat(filepath.Join("build", "bin", "inglenook-desktop")); err != nil {
		r.Note = "not measured: build/bin/inglenook-desktop is not built"
	}
	return []row{r}, nil
}
