package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	reader "inglenook/app/imports"
	"inglenook/store"
	"inglenook/store/household"
)

type imports struct {
	Files []string `arg:"" type:"existingfile" help:"The files."`
}

// Run imports all files or none, in one act, and prints the act's name for undo.
func (c *imports) Run(s *session) error {
	bar := s.progress(len(c.Files)+1, "importing")
	var in []store.Replacement
	for _, name := range c.Files {
		read, err := c.read(s, name)
		if err != nil {
			_ = bar.Exit() // it is only a bar
			return err
		}
		in = append(in, read.Replacements...)
		for what, n := range read.Skipped {
			_, _ = fmt.Fprintf(s.errors, "%s: %d %s skipped\n", name, n, what)
		}
		_ = bar.Add(1)
	}
	act := "import-" + strings.ToLower(rand.Text()[:12])
	if err := s.Replica().WriteAll(s.ctx, act, in); err != nil {
		_ = bar.Exit()
		return err
	}
	_ = bar.Finish()
	count := map[store.Kind]int{}
	for _, r := range in {
		count[r.Kind]++
	}
	return s.print(map[string]any{"act": act, "made": count})
}

func (c *imports) read(s *session, name string) (reader.Imported, error) {
	file, err := os.Open(name) //nolint:gosec // the user named it
	if err != nil {
		return reader.Imported{}, err
	}
	defer func() { _ = file.Close() }()
	return reader.Read(s.Replica().Device().Kinds(), filepath.Base(name), file)
}

type export struct {
	Kind string `arg:"" optional:"" help:"Only this kind."`
}

// Run prints {kind, entity} a line.
func (c *export) Run(s *session) error {
	return s.Replica().Device().Each(s.ctx, store.Kind(c.Kind), store.Ref{}, func(shown household.Shown) error {
		e, err := shown.Entity()
		if err != nil || e.Deleted {
			return err
		}
		return s.line(store.Change{Kind: shown.Ref.Kind, Entity: e})
	})
}
