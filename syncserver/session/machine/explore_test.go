package machine

import (
	"fmt"
	"slices"
	"strings"
)

// found is the end of an exploration: all worlds there are, or the shortest way
// to one that breaks a property.
type found struct {
	worlds int
	broken string
	way    []string
}

func (f found) String() string {
	return fmt.Sprintf("%s\n\t%s", f.broken, strings.Join(f.way, "\n\t"))
}

// explore visits every world that can be reached, the nearest first. It stops
// at the first property that is broken, and at limit worlds when that is not 0.
func (m model) explore(limit int) found {
	start := first()
	var (
		worlds = []world{start}
		from   = []int32{-1}
		known  = map[world]struct{}{start: {}}
		at     int32
	)
	visit := func(_ string, next world) {
		next.canonical()
		if _, ok := known[next]; ok {
			return
		}
		known[next] = struct{}{}
		worlds, from = append(worlds, next), append(from, at)
	}
	for ; int(at) < len(worlds) && (limit == 0 || len(worlds) < limit); at++ {
		broken := m.alone(worlds[at])
		if broken == "" {
			broken = m.moves(worlds[at], visit)
		}
		if broken != "" {
			return found{worlds: len(worlds), broken: broken, way: m.way(worlds, from, at)}
		}
	}
	return found{worlds: len(worlds)}
}

// way tells the steps that lead to a world.
func (m model) way(worlds []world, from []int32, to int32) (steps []string) {
	for ; from[to] >= 0; to = from[to] {
		step := ""
		m.moves(worlds[from[to]], func(what string, next world) {
			next.canonical()
			if next == worlds[to] && step == "" {
				step = what
			}
		})
		steps = append(steps, fmt.Sprintf("%s: %+v", step, worlds[to]))
	}
	slices.Reverse(steps)
	return steps
}
