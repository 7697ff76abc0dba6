package badgerkv

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// badgerLog passes on Badger's warnings and errors. What it informs of is of
// use only to its authors.
type badgerLog struct{ log zerolog.Logger }

func (l badgerLog) Errorf(format string, args ...any) {
	l.log.Error().Str("detail", detail(format, args)).Msg("store engine error")
}

func (l badgerLog) Warningf(format string, args ...any) {
	l.log.Warn().Str("detail", detail(format, args)).Msg("store engine warning")
}

func (badgerLog) Infof(string, ...any)  {}
func (badgerLog) Debugf(string, ...any) {}

func detail(format string, args []any) string {
	return strings.TrimSpace(fmt.Sprintf(format, args...))
}
