package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks around two texts that cannot be joined: ⟦theirs¦mine⟧. People see both
// and take the marks away by editing.
const (
	overlapOpen  = "⟦"
	overlapMid   = "¦"
	overlapClose = "⟧"
)

// mergeText joins two edits of a text, word by word (diff3: Khanna, Kunal and
// Pierce, 2007). Where both changed the same place differently both stay,
// marked, and clean is false.
func mergeText(base, theirs, mine string) (merged string, clean bool) {
	switch {
	case theirs == mine || mine == base:
		return theirs, true
	case theirs == base:
		return mine, true
	}
	o, a, b := words(base), words(theirs), words(mine)
	inA, inB := matches(o, a), matches(o, b)
	var out strings.Builder
	clean = true
	io, ia, ib := 0, 0, 0
	for {
		// A stable word is one that both kept; everything before it is a hunk.
		so := io
		for so < len(o) && (inA[so] < 0 || inB[so] < 0) {
			so++
		}
		ea, eb := len(a), len(b)
		if so < len(o) {
			ea, eb = inA[so], inB[so]
		}
		clean = joinHunk(&out, o[io:so], a[ia:ea], b[ib:eb]) && clean
		if so == len(o) {
			return out.String(), clean
		}
		out.WriteString(o[so])
		io, ia, ib = so+1, ea+1, eb+1
	}
}

func joinHunk(out *strings.Builder, o, a, b []string) (clean bool) {
	switch {
	case slices.Equal(a, b) || slices.Equal(b, o):
		write(out, a)
	case slices.Equal(a, o):
		write(out, b)
	default:
		out.WriteString(overlapOpen)
		write(out, a)
		out.WriteString(overlapMid)
		write(out, b)
		out.WriteString(overlapClose)
		return false
	}
	return true
}

func write(out *strings.Builder, words []string) {
	for _, w := range words {
		out.WriteString(w)
	}
}

// words cuts a text into words, runs of blanks, line ends and single signs, so
// that a line end never hides inside a word.
func words(s string) []string {
	var out []string
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		class := classOf(r)
		for n < len(s) && (class == 'w' || class == ' ') {
			next, size := utf8.DecodeRuneInString(s[n:])
			if classOf(next) != class {
				break
			}
			n += size
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

func classOf(r rune) byte {
	switch {
	case r == '\n':
		return 'n'
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		return 'w'
	default:
		return '.'
	}
}

// maxTextEdits bounds the search for common words, in words taken away or put
// in: its cost grows with the square. Two texts further apart are treated as
// rewritten between their common head and tail.
const maxTextEdits = 1000

// matches gives for each word of o its place in a, or −1: a longest common
// subsequence (Myers, "An O(ND) Difference Algorithm", 1986).
func matches(o, a []string) []int {
	out := make([]int, len(o))
	for i := range out {
		out[i] = -1
	}
	head := 0
	for head < len(o) && head < len(a) && o[head] == a[head] {
		out[head] = head
		head++
	}
	tail := 0
	for tail < len(o)-head && tail < len(a)-head && o[len(o)-1-tail] == a[len(a)-1-tail] {
		out[len(o)-1-tail] = len(a) - 1 - tail
		tail++
	}
	for _, p := range common(o[head:len(o)-tail], a[head:len(a)-tail]) {
		out[head+p[0]] = head + p[1]
	}
	return out
}

// common returns the pairs of places of a longest common subsequence.
func common(o, a []string) [][2]int {
	n, m := len(o), len(a)
	limit := min(n+m, maxTextEdits)
	frontier := make([]int32, 2*limit+3) // by diagonal k, at k+limit+1: how far in o
	at := func(k int) *int32 { return &frontier[k+limit+1] }
	var trail [][]int32 // the frontier after each number of edits, diagonals −d … d
	for d := 0; d <= limit; d++ {
		for k := -d; k <= d; k += 2 {
			x := int(*at(k - 1)) + 1
			if k == -d || (k != d && *at(k - 1) < *at(k + 1)) {
				x = int(*at(k + 1))
			}
			for x < n && x-k < m && o[x] == a[x-k] {
				x++
			}
			*at(k) = int32(x) //nolint:gosec // at most the number of words
			if x >= n && x-k >= m {
				return walkBack(trail, n, m)
			}
		}
		trail = append(trail, slices.Clone(frontier[limit+1-d:limit+2+d]))
	}
	return nil
}

// walkBack follows the frontiers from the end to the start and keeps the steps
// on which both texts went on together.
func walkBack(trail [][]int32, n, m int) [][2]int {
	var pairs [][2]int
	x, y := n, m
	for d := len(trail); d >= 0; d-- {
		snakeX, snakeY, fromX, fromY := 0, 0, 0, 0
		if d > 0 {
			k := x - y
			before := func(k int) int { // −1 beyond the frontier
				if i := k + d - 1; i >= 0 && i < len(trail[d-1]) {
					return int(trail[d-1][i])
				}
				return -1
			}
			if k == -d || (k != d && before(k-1) < before(k+1)) { // came by a word of a alone
				fromX = before(k + 1)
				fromY = fromX - k - 1
				snakeX, snakeY = fromX, fromY+1
			} else { // came by a word of o alone
				fromX = before(k - 1)
				fromY = fromX - k + 1
				snakeX, snakeY = fromX+1, fromY
			}
		}
		for x > snakeX && y > snakeY {
			x, y = x-1, y-1
			pairs = append(pairs, [2]int{x, y})
		}
		x, y = fromX, fromY
	}
	slices.Reverse(pairs)
	return pairs
}
