package imports

import (
	"strconv"
	"strings"
	"time"

	"inglenook/store"
)

func todoTitle(from *component) string {
	p := from.get("SUMMARY")
	if p == nil {
		return ""
	}
	return strings.TrimSpace(unescape(p.value))
}

// items adds the to-dos as a list that is called as the calendar.
func (c *reading) items(line int) error {
	if len(c.todos) == 0 {
		return nil
	}
	var list store.Entity
	set(&list, "title", c.title, "use", "todo")
	listID, err := c.add(line, "list", list, "todo", c.title)
	if err != nil {
		return err
	}
	for n, child := range c.todos {
		if err := c.item(listID, n, child); err != nil {
			return err
		}
	}
	return nil
}

// item adds one to-do. What an item has no field for is not kept.
func (c *reading) item(listID store.ID, n int, from *component) error {
	var e store.Entity
	set(&e, "listId", listID, "title", todoTitle(from), "orderKey", orderKey(n))
	if p := from.get("DESCRIPTION"); p != nil {
		set(&e, "description", unescape(p.value))
	}
	if p := from.get("RRULE"); p != nil {
		set(&e, "recurrenceRule", strings.ToUpper(p.value))
	}
	if p := from.get("PRIORITY"); p != nil {
		if priority, err := strconv.Atoi(p.value); err == nil && priority >= 0 && priority <= 9 {
			set(&e, "priority", priority)
		}
	}
	if p := from.get("DUE"); p != nil {
		due, err := c.moment(*p)
		if err != nil {
			return err
		}
		set(&e, "due", due.text())
		if due.zone != "" {
			set(&e, "timeZone", due.zone)
		}
	}
	if err := c.done(&e, from); err != nil {
		return err
	}
	if err := c.alerts(&e, from, map[string][]string{}); err != nil {
		return err
	}
	key := []string{listID.String(), "title", e.String("title"), e.String("due")}
	if uid := from.get("UID"); uid != nil {
		key = []string{listID.String(), "uid", uid.value}
	}
	_, err := c.add(from.line, "item", e, key...)
	return err
}

// done ticks what is completed; what is cancelled is nothing to do any more.
func (c *reading) done(e *store.Entity, from *component) error {
	completed, status := from.get("COMPLETED"), from.get("STATUS")
	over := status != nil && (strings.EqualFold(status.value, "COMPLETED") || strings.EqualFold(status.value, "CANCELLED"))
	if completed == nil && !over {
		return nil
	}
	set(e, "done", true)
	if completed == nil {
		return nil
	}
	m, err := c.moment(*completed)
	if err == nil {
		set(e, "doneAt", m.instant().UTC().Format(time.RFC3339))
	}
	return err
}
