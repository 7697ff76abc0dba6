package main

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Every step measures something at a tiny size: nothing is said of time.
func TestSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and starts both servers")
	}
	if runtime.GOOS != "linux" {
		t.Skip("memory and processor time are read from /proc")
	}
	rows, err := run(t.Context(), t.TempDir(), tiny, nil)
	if err != nil {
		t.Fatal(err)
	}
	var measures []string
	for _, r := range rows {
		measures = append(measures, r.Measure)
		if strings.Contains(r.Note, "not measured") && !strings.Contains(r.Measure, "paint") {
			t.Errorf("%s: %s", r.Measure, r.Note)
		}
		if r.Bar != "" && r.Unit != "%" && r.Unit != "KiB" && (r.Ours <= 0 || r.Reference <= 0) {
			t.Errorf("%s: ours %g, reference %g", r.Measure, r.Ours, r.Reference)
		}
	}
	want := 21
	if len(measures) != want {
		t.Errorf("%d rows instead of %d: %q", len(measures), want, measures)
	}
}

func TestUnknownStep(t *testing.T) {
	if _, err := run(t.Context(), t.TempDir(), tiny, []string{"nonsense"}); err == nil || !strings.Contains(err.Error(), "writes") {
		t.Errorf("error %v does not say what there is", err)
	}
}

func TestCompareTakesTurns(t *testing.T) {
	var order []string
	each := func(name string, n float64) func() (float64, error) {
		return func() (float64, error) {
			order = append(order, name)
			return n, nil
		}
	}
	turns, err := compare(3, each("reference", 2), each("ours", 3))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"reference", "ours", "ours", "reference", "reference", "ours"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
	if got := against("x", "ms", turns); got.Reference != 2 || got.Ours != 3 || got.Ratio != 1.5 {
		t.Errorf("row %+v", got)
	}
}

func TestItemBytes(t *testing.T) {
	for _, it := range newItems(1<<50, 10) {
		if len(it.json) != itemBytes {
			t.Errorf("%d bytes: %s", len(it.json), it.json)
		}
	}
}

func TestBars(t *testing.T) {
	r := row{Ratio: 0.7, Ours: 50}
	for name, got := range map[string]bool{
		"at least 0.7": r.atLeast(0.7).Met, "not at least 0.8": !r.atLeast(0.8).Met,
		"at most 0.7": r.atMost(0.7).Met, "not at most 0.6": !r.atMost(0.6).Met,
		"within 50": r.within(50).Met, "not within 49": !r.within(49).Met,
	} {
		if !got {
			t.Error(name)
		}
	}
}
