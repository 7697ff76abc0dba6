package main

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	reader "inglenook/app/imports"
	"inglenook/store"
	"inglenook/store/household"
)

type imports struct {
	Files []string `arg:"" type:"existingfile" help:"The files."`
}

// Run imports all files or none, in one act, and prints the act's name for undo.
// What was imported before is left as it is.
func (c *imports) Run(s *session) error {
	in, err := c.read(s)
	if err != nil {
		return err
	}
	act := "import-" + strings.ToLower(rand.Text()[:12])
	bar := s.progress("importing", len(in.Replacements))
	err = s.Replica().WriteAllCounted(s.ctx, act, in.Replacements, bar.set)
	bar.end()
	if err != nil {
		return err
	}
	made := map[store.Kind]int{}
	for _, r := range in.Replacements {
		made[r.Kind]++
	}
	return s.print(map[string]any{"act": act, "made": made, "here": in.Here})
}

// read reads all files as one, and says what it skips.
func (c *imports) read(s *session) (all reader.Imported, err error) {
	files, err := reader.NewReader(s.ctx, s.Replica().Device().Kinds(), s.Replica().Device())
	if err != nil {
		return all, err
	}
	for _, name := range c.Files {
		read, err := readFile(files, name)
		if err != nil {
			return all, err
		}
		all.Replacements = append(all.Replacements, read.Replacements...)
		all.Here += read.Here
		for _, what := range slices.Sorted(maps.Keys(read.Skipped)) {
			_, _ = fmt.Fprintf(s.errors, "%s: skipped %d %s\n", name, read.Skipped[what], what)
		}
	}
	return all, nil
}

func readFile(files *reader.Reader, name string) (reader.Imported, error) {
	file, err := os.Open(name) //nolint:gosec // the user named it
	if err != nil {
		return reader.Imported{}, err
	}
	defer func() { _ = file.Close() }()
	return files.Read(filepath.Base(name), file)
}

type export struct {
	Kind string `arg:"" optional:"" help:"Only this kind."`
}

// Run prints {kind, entity} a line.
func (c *export) Run(s *session) error {
	kind := store.Kind("")
	if c.Kind != "" {
		var err error
		if kind, err = s.kind(c.Kind); err != nil {
			return err
		}
	}
	return s.Replica().Device().Each(s.ctx, kind, store.Ref{}, func(shown household.Shown) error {
		e, err := shown.Entity()
		if err != nil || e.Deleted {
			return err
		}
		return s.line(store.Change{Kind: shown.Ref.Kind, Entity: e})
	})
}
