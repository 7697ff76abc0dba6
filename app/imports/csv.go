package imports

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"inglenook/store"
	"inglenook/store/kind"
)

// baskets reads one shopping basket a line: a list that somebody has ticked
// off, named by its line.
func baskets(kinds *kind.Registry, name string, data []byte) (Imported, error) {
	c := &collect{kinds: kinds, name: name}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	for n := 0; ; n++ {
		basket, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return Imported{}, at(name, wrong.Line, "%v", wrong.Err)
		}
		if err != nil {
			return Imported{}, fmt.Errorf("read %s: %w", name, err)
		}
		line, _ := in.FieldPos(0)
		if err := c.basket(n, line, basket); err != nil {
			return Imported{}, err
		}
	}
	if len(c.out.Replacements) == 0 {
		return Imported{}, store.Errorf(store.CodeInvalid, name, "the file has no basket")
	}
	return c.out, nil
}

func (c *collect) basket(n, line int, basket []string) error {
	var list store.Entity
	set(&list, "title", fmt.Sprintf("Basket %d", line), "use", "shopping", "orderKey", orderKey(n))
	listID, err := c.add(line, "list", list)
	if err != nil {
		return err
	}
	for i, title := range basket {
		title = strings.TrimSpace(title)
		switch {
		case title == "":
			return at(c.name, line, "item %d has no name", i+1)
		case !utf8.ValidString(title):
			return at(c.name, line, "item %d is not UTF-8 text", i+1)
		}
		var item store.Entity
		set(&item, "listId", listID, "title", title, "done", true, "orderKey", orderKey(i))
		if _, err := c.add(line, "item", item); err != nil {
			return err
		}
	}
	return nil
}
