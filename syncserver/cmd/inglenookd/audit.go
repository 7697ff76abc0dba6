package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"

	"github.com/go-json-experiment/json"
)

type auditCommand struct {
	dataFlags
	Verify bool      `help:"Only walk through the whole log, and say whether anything was altered, removed or cut off."`
	Since  time.Time `help:"Only what happened since this day." format:"2006-01-02" placeholder:"YYYY-MM-DD"`
	JSON   bool      `help:"One JSON object a line, with the hashes." name:"json"`
}

func (c *auditCommand) Run(s *surroundings) (err error) {
	// A folder that is not there is a mistyped one, not an empty log.
	if _, err := os.Stat(filepath.Join(c.Data, "store")); err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	home, closeHome, err := c.household(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHome()) }()
	if c.Verify {
		return c.verify(s, home)
	}
	since := store.TimestampOf(c.Since)
	if c.Since.IsZero() {
		since = 0
	}
	if c.JSON {
		for r, err := range auditRecords(s.ctx, home, since) {
			if err == nil {
				err = writeLine(s.stdout, r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return c.table(s, home, since)
}

// verify exits with 1 when the chain is broken. The head is worth noting
// elsewhere: a log that was written anew as a whole has another one.
func (c *auditCommand) verify(s *surroundings, home *household.Store) error {
	chain, err := home.VerifyAudit(s.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeLine(s.stdout, chain)
	} else {
		_, err = fmt.Fprintf(s.stdout, "%d records are whole, %d were trimmed before them; record %d has the hash %s\n",
			chain.Records, chain.Trimmed, chain.Head, chain.HeadHash)
	}
	if chain.Broken != nil {
		err = errors.Join(err, fmt.Errorf("the audit log is broken at record %d: %s", chain.Broken.N, chain.Broken.Reason))
	}
	return err
}

// table is for people: the newest first, people by their names.
func (c *auditCommand) table(s *surroundings, home *household.Store, since store.Timestamp) error {
	users, err := home.Users(s.ctx, access.Person{Level: access.Admin})
	if err != nil {
		return err
	}
	name := func(id store.ID) string {
		for _, u := range users {
			if u.ID == id {
				return strconv.Quote(u.String("name")) // quoted: a name may hold what a terminal obeys
			}
		}
		if id == 0 {
			return ""
		}
		return id.String() // of somebody who has left
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for r, err := range auditRecords(s.ctx, home, since) {
		if err != nil {
			return err
		}
		detail := make([]string, 0, len(r.Detail)+1)
		if r.By.UserID != 0 {
			detail = append(detail, "by="+name(r.By.UserID))
		}
		for _, key := range slices.Sorted(maps.Keys(r.Detail)) {
			detail = append(detail, fmt.Sprintf("%s=%q", key, r.Detail[key]))
		}
		session := ""
		if r.SessionID != 0 {
			session = fmt.Sprint("session ", r.SessionID)
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.At, r.Kind, name(r.UserID), session, r.Network, strings.Join(detail, " ")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// auditRecords yields what happened since then, the newest first.
func auditRecords(ctx context.Context, home *household.Store, since store.Timestamp) iter.Seq2[household.AuditRecord, error] {
	return func(yield func(household.AuditRecord, error) bool) {
		for before := uint64(0); ; {
			page, err := home.AuditPage(ctx, before, 1000)
			if err != nil {
				yield(household.AuditRecord{}, err)
				return
			}
			for _, r := range page {
				if r.At < since || !yield(r, nil) {
					return
				}
				before = r.N
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
