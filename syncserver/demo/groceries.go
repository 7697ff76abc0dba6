package demo

import (
	"time"

	"inglenook/store"
	"inglenook/store/kind"
)

// ware is something that is bought: how much of it, where it stands, and in
// how many of ten weeks.
type ware struct {
	title  string
	amount float64
	unit   string
	aisle  string
	often  int
}

// groceries makes two trips a week for two months, all ticked, and what is
// needed now.
func (h *house) groceries(list store.ID) {
	n := 0
	for week := -8; week <= 0; week++ {
		for _, trip := range []weekday{wed, sat} {
			day := h.on(week, trip)
			if !day.Before(h.today) {
				continue
			}
			by := h.person[pick(h.dice, []string{"Anna", "Anna", "Ben", "Oma"})]
			taken := 0
			for _, w := range wares() {
				if h.dice.IntN(20) >= w.often {
					continue
				}
				at := bought(day, taken)
				h.buy(list, n, w, at, by)
				taken++
				n++
			}
		}
	}
	for _, w := range []ware{
		{"Milk", 2, "l", "Dairy and eggs", 0},
		{"Eggs", 10, "", "Dairy and eggs", 0},
		{"Butter", 1, "", "Dairy and eggs", 0},
		{"Rye bread", 1, "", "Bakery", 0},
		{"Carrots", 1, "kg", "Fruit and vegetables", 0},
		{"Apples", 1.5, "kg", "Fruit and vegetables", 0},
		{"Lamb's lettuce", 150, "g", "Fruit and vegetables", 0},
		{"Spaghetti", 2, "packs", "Pantry", 0},
		{"Tinned tomatoes", 4, "tins", "Pantry", 0},
		{"Flour (Type 405)", 2, "kg", "Pantry", 0},
		{"Baking powder", 1, "", "Pantry", 0},
		{"Fish fingers", 1, "pack", "Frozen", 0},
		{"Apple juice", 6, "bottles", "Drinks", 0},
		{"Toilet paper", 1, "pack", "Household", 0},
		{"Candles for the cake", 7, "", "Household", 0},
		{"Cat food, salmon", 12, "tins", "Cat", 0},
	} {
		h.buy(list, n, w, time.Time{}, 0)
		n++
	}
}

// buy puts a ware on the list; by somebody: ticked.
func (h *house) buy(list store.ID, n int, w ware, at time.Time, by store.ID) {
	item := kind.Item{ListID: list, Title: w.title, Quantity: w.amount, Unit: w.unit, CategoryID: h.aisle[w.aisle], OrderKey: orderKey(n)}
	if by == 0 {
		h.add(h.standing(1), item)
		return
	}
	item.Done, item.DoneAt, item.DoneBy = true, store.TimestampOf(at), by
	h.add(at, item)
}

func (h *house) chemist(list store.ID) {
	for i, w := range []ware{
		{"Toothpaste, children", 2, "", "Household", 1},
		{"Plasters", 1, "pack", "Household", 0},
		{"Sun cream 50", 1, "", "Household", 0},
		{"Hand soap", 3, "", "Household", 1},
		{"Washing powder", 1, "", "Household", 1},
		{"Dishwasher tabs", 1, "pack", "Household", 0},
		{"Shampoo", 1, "", "Household", 0},
		{"Batteries AA", 8, "", "Household", 0},
	} {
		if w.often > 0 {
			h.buy(list, i, w, bought(h.on(-1, sat), i), h.person["Anna"])
			continue
		}
		h.buy(list, i, w, time.Time{}, 0)
	}
}

func wares() []ware {
	return []ware{
		{"Milk", 2, "l", "Dairy and eggs", 15},
		{"Rye bread", 1, "", "Bakery", 13},
		{"Bananas", 1, "kg", "Fruit and vegetables", 13},
		{"Eggs", 10, "", "Dairy and eggs", 9},
		{"Butter", 1, "", "Dairy and eggs", 9},
		{"Apples", 1.5, "kg", "Fruit and vegetables", 9},
		{"Carrots", 1, "kg", "Fruit and vegetables", 7},
		{"Potatoes", 2.5, "kg", "Fruit and vegetables", 6},
		{"Tomatoes", 500, "g", "Fruit and vegetables", 7},
		{"Cucumber", 1, "", "Fruit and vegetables", 8},
		{"Onions", 1, "kg", "Fruit and vegetables", 4},
		{"Lemons", 3, "", "Fruit and vegetables", 3},
		{"Natural yoghurt", 500, "g", "Dairy and eggs", 9},
		{"Gouda, sliced", 200, "g", "Dairy and eggs", 8},
		{"Quark", 500, "g", "Dairy and eggs", 5},
		{"Brezeln", 5, "", "Bakery", 6},
		{"Minced beef", 500, "g", "Meat and fish", 4},
		{"Salmon", 400, "g", "Meat and fish", 3},
		{"Wiener", 6, "", "Meat and fish", 4},
		{"Spaghetti", 2, "packs", "Pantry", 5},
		{"Rice", 1, "kg", "Pantry", 3},
		{"Tinned tomatoes", 4, "tins", "Pantry", 4},
		{"Red lentils", 500, "g", "Pantry", 2},
		{"Olive oil", 1, "bottle", "Pantry", 2},
		{"Oats", 1, "kg", "Breakfast", 5},
		{"Muesli", 750, "g", "Breakfast", 4},
		{"Honey", 1, "jar", "Breakfast", 2},
		{"Coffee beans", 1, "kg", "Breakfast", 3},
		{"Frozen peas", 750, "g", "Frozen", 3},
		{"Fish fingers", 1, "pack", "Frozen", 4},
		{"Mineral water", 2, "crates", "Drinks", 5},
		{"Apple juice", 6, "bottles", "Drinks", 4},
		{"Kitchen roll", 1, "pack", "Household", 2},
		{"Toilet paper", 1, "pack", "Household", 3},
		{"Cat food, salmon", 12, "tins", "Cat", 5},
		{"Cat litter", 1, "bag", "Cat", 3},
	}
}
