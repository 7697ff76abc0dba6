package httpapi

import (
	"net/http"
	"time"
)

// extend gives the connection writeTimeout for the next write. The kernel keeps
// deadlines by the machine's clock, so this is the one place that asks it.
func extend(control *http.ResponseController) error {
	return control.SetWriteDeadline(time.Now().Add(writeTimeout))
}
