package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// row is one line of the report.
type row struct {
	Measure   string  `json:"measure"`
	Unit      string  `json:"unit,omitempty"`
	Reference float64 `json:"reference,omitzero"` // medians
	Ours      float64 `json:"ours,omitzero"`
	Ratio     float64 `json:"ratio,omitzero"` // median of the ratios of neighbours
	Bar       string  `json:"bar,omitempty"`  // as the goal says it
	Met       bool    `json:"met"`
	Note      string  `json:"note,omitempty"`
}

// turn is one measurement of each, made one after the other.
type turn struct{ reference, ours float64 }

// compare lets ours and the reference take turns, who begins in turn too, and
// reports medians.
func compare(rounds int, reference, ours func() (float64, error)) ([]turn, error) {
	turns := make([]turn, rounds)
	for i := range turns {
		first, second := reference, ours
		into := []*float64{&turns[i].reference, &turns[i].ours}
		if i%2 == 1 {
			first, second = ours, reference
			slices.Reverse(into)
		}
		var err error
		if *into[0], err = first(); err != nil {
			return nil, err
		}
		if *into[1], err = second(); err != nil {
			return nil, err
		}
	}
	return turns, nil
}

// against makes a row of turns.
func against(measure, unit string, turns []turn) row {
	var reference, ours, ratios []float64
	for _, t := range turns {
		reference, ours = append(reference, t.reference), append(ours, t.ours)
		ratios = append(ratios, t.ours/t.reference)
	}
	return row{Measure: measure, Unit: unit, Reference: median(reference), Ours: median(ours), Ratio: median(ratios)}
}

// atLeast and atMost hold the ratio against a bar.
func (r row) atLeast(bar float64) row {
	r.Bar, r.Met = fmt.Sprintf("≥ %g ×", bar), r.Ratio >= bar
	return r
}

func (r row) atMost(bar float64) row {
	r.Bar, r.Met = fmt.Sprintf("≤ %g ×", bar), r.Ratio <= bar
	return r
}

// within holds what is ours, in its unit, against a bar.
func (r row) within(bar float64) row {
	r.Bar, r.Met = fmt.Sprintf("≤ %g %s", bar, r.Unit), r.Ours <= bar
	return r
}

// median of what is not empty.
func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "measure\treference\tours\tunit\tratio\tbar\t")
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join([]string{
			r.Measure, number(r.Reference), number(r.Ours), r.Unit, number(r.Ratio), r.Bar, r.verdict(),
		}, "\t"))
	}
	return t.Flush()
}

func (r row) verdict() string {
	switch {
	case r.Bar == "":
		return r.Note
	case r.Met:
		return "met"
	}
	return "missed"
}

// number shows three digits, and nothing for nothing.
func number(n float64) string {
	switch {
	case n == 0:
		return ""
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

func printJSON(w io.Writer, rows []row) error {
	if err := json.MarshalWrite(w, rows, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}
