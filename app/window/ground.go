package window

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wailsapp/wails/v2/pkg/options"
)

// The page's ground in light and dark, as in frontend/src/styles/tokens.css.
const groundLight, groundDark = "#f8f3ea", "#191513"

// background is the colour of the window until the page is painted: the page's
// own as it was last, so that nothing flashes.
func (w *window) background(p place) *options.RGBA {
	ground := p.Ground
	if ground == "" {
		ground = groundLight
		if prefersDark() {
			ground = groundDark
		}
	}
	var r, g, b uint8
	if _, err := fmt.Sscanf(ground, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return options.NewRGB(0xf8, 0xf3, 0xea)
	}
	return options.NewRGB(r, g, b)
}

// prefersDark asks what WebKitGTK will tell the page: GTK's settings.
func prefersDark() bool {
	if theme := os.Getenv("GTK_THEME"); theme != "" {
		return strings.HasSuffix(theme, ":dark") || strings.HasSuffix(theme, "-dark")
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return false
	}
	settings, err := os.ReadFile(filepath.Join(dir, "gtk-3.0", "settings.ini")) //nolint:gosec // the person's own file, at its usual place
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(settings)) {
		name, value, _ := strings.Cut(strings.ToLower(line), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if name == "gtk-application-prefer-dark-theme" && (value == "1" || value == "true") ||
			name == "gtk-theme-name" && strings.HasSuffix(value, "-dark") {
			return true
		}
	}
	return false
}

// hex turns the colour of a computed style, rgb(r, g, b), into #rrggbb.
func hex(computed string) (colour string, ok bool) {
	var r, g, b uint8
	if n, err := fmt.Sscanf(computed, "rgb(%d, %d, %d)", &r, &g, &b); err != nil || n != 3 {
		return "", false
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b), true
}
