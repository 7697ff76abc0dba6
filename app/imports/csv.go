package imports

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"inglenook/store"
)

// baskets reads one shopping basket a line: a list that somebody has ticked
// off, named by its line. The same file is known by its content: another one may
// have the same name and the same baskets.
func (c *collect) baskets(data []byte) error {
	file := fmt.Sprintf("%x", sha256.Sum256(data))
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
			return at(c.name, wrong.Line, "%v", wrong.Err)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", c.name, err)
		}
		line, _ := in.FieldPos(0)
		if err := c.basket(file, n, line, basket); err != nil {
			return err
		}
	}
	if len(c.out.Replacements)+c.out.Here == 0 {
		return store.Errorf(store.CodeInvalid, c.name, "the file has no basket")
	}
	return nil
}

func (c *collect) basket(file string, n, line int, basket []string) error {
	var list store.Entity
	set(&list, "title", fmt.Sprintf("Basket %d", line), "use", "shopping", "orderKey", orderKey(n))
	listID, err := c.add(line, "list", list, file, strconv.Itoa(line))
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
		if _, err := c.add(line, "item", item, listID.String(), strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}
