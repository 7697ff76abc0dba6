package kind

import (
	"time"

	"inglenook/store"
)

const (
	dateLayout     = "2006-01-02"
	dateTimeLayout = "2006-01-02T15:04:05"
)

// formats are the formats kinds.yaml may name. A pattern beside a format fixes
// the form; the format adds what no pattern can: that the day exists.
func formats() map[string]func([]byte) bool {
	return map[string]func([]byte) bool{
		"date":            parses(dateLayout),
		"date-time":       parses(time.RFC3339),
		"date-time-local": parses(dateTimeLayout),
		"date-or-date-time-local": func(text []byte) bool {
			return parses(dateLayout)(text) || parses(dateTimeLayout)(text)
		},
		"entity-id": func(text []byte) bool {
			_, err := store.ParseID(string(text))
			return err == nil
		},
	}
}

func parses(layout string) func([]byte) bool {
	return func(text []byte) bool {
		_, err := time.Parse(layout, string(text))
		return err == nil
	}
}
