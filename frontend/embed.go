// Package frontend is the page of Inglenook: one Svelte app for the window and
// for browsers. Its Go side is only the embedded build.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the built page with index.html at its root. In a tree where npm
// has not built anything yet it holds only .gitkeep, so that Go compiles
// without Node; a program that serves it checks for index.html and says so.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: dist is not embedded: " + err.Error()) // the directive above guarantees it
	}
	return sub
}
