package window

import (
	"fmt"
	"os"
)

// prepareWebKit sets what WebKitGTK reads from the environment. It must run
// before Wails does.
func prepareWebKit(inspect string) error {
	// Whoever may set the environment of a process could read the page otherwise.
	for _, name := range []string{"WEBKIT_INSPECTOR_SERVER", "WEBKIT_INSPECTOR_HTTP_SERVER"} {
		if err := os.Unsetenv(name); err != nil {
			return fmt.Errorf("close the inspector: %w", err)
		}
	}
	if inspect != "" {
		if err := os.Setenv("WEBKIT_INSPECTOR_HTTP_SERVER", inspect); err != nil {
			return fmt.Errorf("open the inspector: %w", err)
		}
	}
	// Blank windows with some drivers: https://github.com/wailsapp/wails/issues/2977
	if _, set := os.LookupEnv("WEBKIT_DISABLE_DMABUF_RENDERER"); !set {
		if err := os.Setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1"); err != nil {
			return fmt.Errorf("choose the renderer: %w", err)
		}
	}
	return nil
}
