package window

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPlaceFitsIntoTheScreen(t *testing.T) {
	const wide, high = 1280, 800
	for name, c := range map[string]struct{ was, want place }{
		"inside":            {place{X: 50, Y: 10, Width: 900, Height: 700}, place{X: 50, Y: 10, Width: 900, Height: 700}},
		"off to the right":  {place{X: 3000, Y: 10, Width: 900, Height: 700}, place{X: 380, Y: 10, Width: 900, Height: 700}},
		"off to the left":   {place{X: -500, Y: -40, Width: 900, Height: 700}, place{Width: 900, Height: 700}},
		"below":             {place{Y: 790, Width: 900, Height: 700}, place{Y: 100, Width: 900, Height: 700}},
		"of a larger one":   {place{X: 100, Y: 100, Width: 2500, Height: 1400}, place{Width: wide, Height: high}},
		"too small to grab": {place{Width: 1, Height: -5}, place{Width: minWidth, Height: minHeight}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.was.fit(wide, high); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	if got := (place{X: 3000, Width: 900, Height: 700}).fit(0, 0); got.X != 3000 {
		t.Errorf("an unknown screen moves the window to %d", got.X)
	}
}

func TestMemoryOfThePlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	m := remember(path)
	if p := m.load(); p.Width != usualWidth || p.Height != usualHeight || p.Placed {
		t.Errorf("a first start is at %+v", p)
	}
	want := place{X: 7, Y: 9, Width: 800, Height: 600, Placed: true, Ground: groundDark}
	if err := m.change(func(p *place) { *p = want }); err != nil {
		t.Fatal(err)
	}
	if got := remember(path).load(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".window-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.WriteFile(path, []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p := remember(path).load(); p.Width != usualWidth {
		t.Errorf("a broken file is read as %+v", p)
	}
}

func TestPlaceThatDoesNotChangeIsNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	if err := remember(path).change(func(*place) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was written")
	}
}

func TestGroundOfAComputedStyle(t *testing.T) {
	for computed, want := range map[string]string{
		"rgb(25, 21, 19)": groundDark, "rgb(248, 243, 234)": groundLight,
		"rgba(0, 0, 0, 0)": "", "": "", "rgb(300, 0, 0)": "", "#fff": "",
	} {
		if got, _ := hex(computed); got != want {
			t.Errorf("%q: %q, want %q", computed, got, want)
		}
	}
}
