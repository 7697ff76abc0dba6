package demo

import (
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/kind"
)

func (h *house) lists() {
	for i, c := range []kind.Category{
		{Name: "Fruit and vegetables", Icon: "🥕", Color: "#6f8f3a"},
		{Name: "Bakery", Icon: "🥨", Color: "#d98a29"},
		{Name: "Dairy and eggs", Icon: "🥛", Color: "#2b8a9c"},
		{Name: "Meat and fish", Icon: "🐟", Color: "#c8553d"},
		{Name: "Pantry", Icon: "🍝", Color: "#b59a1f"},
		{Name: "Breakfast", Icon: "🥣", Color: "#8a6d5a"},
		{Name: "Frozen", Icon: "🧊", Color: "#3f6fb5"},
		{Name: "Drinks", Icon: "🧃", Color: "#2f8f6b"},
		{Name: "Household", Icon: "🧻", Color: "#7659b0"},
		{Name: "Cat", Icon: "🐾", Color: "#b04f8f"},
	} {
		c.Use, c.OrderKey = kind.CategoryUseAisle, orderKey(i)
		h.aisle[c.Name] = h.add(h.standing(57), c)
	}
	add := func(n int, l kind.List) store.ID {
		l.OrderKey = orderKey(n)
		return h.add(h.standing(56), l)
	}
	groceries := add(0, kind.List{Title: "Groceries", Use: kind.ListUseShopping, Icon: "🛒", Color: "#6f8f3a", Sort: kind.ListSortAisle})
	h.groceries(groceries)
	h.tasks(add(1, kind.List{Title: "House and garden", Use: kind.ListUseTodo, Icon: "🏡", Color: "#c8553d", Sort: kind.ListSortDue}), houseTasks())
	h.tasks(add(2, kind.List{Title: "School things", Use: kind.ListUseTodo, Icon: "🎒", Color: "#b59a1f", Sort: kind.ListSortDue}), schoolTasks())
	h.tasks(add(3, kind.List{Title: "Mia's birthday", Use: kind.ListUseTodo, Icon: "🎈", Color: "#b04f8f", Audience: h.writers("Anna", "Ben", "Oma")}), birthdayTasks())
	h.packing(add(4, kind.List{Title: "Packing for Rügen", Use: kind.ListUsePacking, Icon: "🧳", Color: "#2b8a9c", ShowDone: kind.ListShowDoneKeep}))
	h.wishes(add(5, kind.List{Title: "Mia's wishes", Use: kind.ListUseWish, Icon: "🎁", Color: "#7659b0"}))
	h.chemist(add(6, kind.List{Title: "Drogerie", Use: kind.ListUseShopping, Icon: "🧴", Color: "#3f6fb5"}))
	h.tasks(add(7, kind.List{Title: "Anna's desk", Use: kind.ListUseTodo, Icon: "🗂️", Color: "#8a6d5a", Audience: h.writers("Anna")}), annasTasks())
	h.tasks(add(8, kind.List{Title: "Moving the study", Use: kind.ListUseTodo, Icon: "📦", Color: "#8a6d5a", Archived: true}), movingTasks())
}

// writers makes the audience of those who may write, and nobody else.
func (h *house) writers(names ...string) kind.Audience {
	audience := kind.Audience{}
	for _, name := range names {
		audience[h.person[name]] = kind.GrantWrite
	}
	return audience
}

// task is an item of a list of things to do. Times are days from today.
type task struct {
	title    string
	due      int    // noDue when there is none
	clock    string // empty: any time of the day
	assigned string
	done     bool // on the day it was due, or a week ago
	priority int
	steps    []string
	note     string
}

const noDue = 1000

func (h *house) tasks(list store.ID, all []task) {
	for i, t := range all {
		item := kind.Item{
			ListID: list, Title: t.title, Description: t.note, Priority: t.priority, Assignees: h.users(t.assigned),
			Checklist: checklist(t.steps, t.done), OrderKey: orderKey(i),
		}
		written := h.standing(10 + h.dice.IntN(15))
		if t.due != noDue {
			item.Due = local(h.in(t.due), t.clock)
			if t.clock != "" {
				item.TimeZone = zone
			}
		}
		if t.done {
			written = h.standing(7)
			if t.due < 0 {
				written = h.standing(-t.due)
			}
			item.Done, item.DoneAt, item.DoneBy = true, store.TimestampOf(written), h.person["Anna"]
			if first, _, _ := strings.Cut(t.assigned, " "); first != "" {
				item.DoneBy = h.person[first]
			}
		}
		h.add(written, item)
	}
}

// checklist makes steps; the first is ticked, or all.
func checklist(steps []string, all bool) kind.Checklist {
	if len(steps) == 0 {
		return nil
	}
	made := kind.Checklist{}
	for i, step := range steps {
		made["step"+orderKey(i)] = kind.ChecklistLine{Title: step, Done: all || i == 0, OrderKey: orderKey(i)}
	}
	return made
}

func (h *house) packing(list store.ID) {
	n := 0
	for _, bag := range []struct {
		who    string
		things []string
	}{
		{"Leo", []string{"Rain jacket, Leo", "Swimming trunks, Leo", "Football", "Head torch", "Chess board"}},
		{"Mia", []string{"Rain jacket, Mia", "Swimsuit and water wings", "Schnuffel the rabbit", "Crayons and pad", "Bucket and spade"}},
		{"Anna", []string{"First-aid bag", "Sun cream", "Health insurance cards", "Train tickets", "Beach towels", "Books"}},
		{"Ben", []string{"Phone chargers", "Coffee and the small grinder", "Bed linen", "Kite", "Binoculars", "Card games"}},
		{"", []string{"Toothbrushes", "Wellingtons", "Woolly hats", "Snacks for the train", "Cat bowl to Frau Seidel", "Turn down the heating"}},
	} {
		for _, thing := range bag.things {
			item := kind.Item{ListID: list, Title: thing, Assignees: h.users(bag.who), OrderKey: orderKey(n)}
			written := h.standing(5)
			if n%5 == 2 {
				item.Done, item.DoneAt, item.DoneBy = true, store.TimestampOf(written), h.person["Ben"]
			}
			h.add(written, item)
			n++
		}
	}
}

// wishes are Mia's: she sees the list, and not what others have ticked on it.
func (h *house) wishes(list store.ID) {
	for i, w := range []struct{ title, note, boughtBy string }{
		{"Roller skates, purple", "Size 31, adjustable", "Oma"},
		{"A book about octopuses", "", "Ben"},
		{"Playmobil vet's practice", "", ""},
		{"Friendship bracelets kit", "", "Anna"},
		{"Torch that shines in colours", "", ""},
		{"Painting by numbers: horses", "From eight years is fine", ""},
		{"Bunk bed tent", "Measure first, 90 × 200", ""},
		{"A real microscope", "Perhaps together with Opa Karl", ""},
		{"Sleepover with Emma", "", ""},
		{"A second cat", "We have talked about this.", ""},
	} {
		item := kind.Item{ListID: list, Title: w.title, Description: w.note, ForUserID: h.person["Mia"], OrderKey: orderKey(i)}
		written := h.standing(14)
		if w.boughtBy != "" {
			written = h.standing(3)
			item.Done, item.DoneAt, item.DoneBy = true, store.TimestampOf(written), h.person[w.boughtBy]
		}
		h.add(written, item)
	}
}

// bought dates what was ticked on one trip to the shop, a minute or so apart.
func bought(day time.Time, n int) time.Time {
	return clock(day, 10, 5).Add(time.Duration(n) * 70 * time.Second)
}
