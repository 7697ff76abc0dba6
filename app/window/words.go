package window

import (
	"strings"

	"inglenook/store"
)

// words are what the window itself says; the page has its own.
type words struct {
	language string // BCP 47

	file, add, quit                         string
	edit, undo, redo, cut, copy, paste, all string
	view, search, larger, smaller, usual    string
	reload, fullscreen                      string
	help, about, aboutText                  string

	failed, kept                     string
	locked, newer, full, noPage, odd string
}

// locale is the language the person chose for messages, as gettext finds it: ""
// when none is named. LANGUAGE counts only where there is a locale at all.
func locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		bare, _, _ := strings.Cut(value, ".")
		if bare == "C" || bare == "POSIX" {
			return ""
		}
		if first, _, _ := strings.Cut(getenv("LANGUAGE"), ":"); first != "" {
			return first
		}
		return value
	}
	return ""
}

// wordsFor chooses German for German, English for everybody else.
func wordsFor(locale string) words {
	language, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "-", "_")), "_")
	language, _, _ = strings.Cut(language, ".")
	if language == "de" {
		return german()
	}
	return english()
}

func english() words {
	return words{
		language: "en",
		file:     "File", add: "New entry", quit: "Quit",
		edit: "Edit", undo: "Undo", redo: "Redo", cut: "Cut", copy: "Copy", paste: "Paste", all: "Select all",
		view: "View", search: "Search …", larger: "Zoom in", smaller: "Zoom out", usual: "Actual size",
		reload: "Reload", fullscreen: "Full screen",
		help: "Help", about: "About Inglenook",
		aboutText: "The household's shared organiser.\n\nVersion %s\nData: %s\n\nFree software under the AGPL-3.0.",

		failed: "Inglenook cannot open your household",
		kept:   "Nothing of yours was changed.",
		locked: "Another Inglenook is using it. Close that one and start again.",
		newer:  "It was written by a newer Inglenook than this one. Install the newer one.",
		full:   "The disk is full. Make some room and start again.",
		noPage: "This build has no page. Build it with make build.",
		odd:    "The log in the data folder says more.",
	}
}

func german() words {
	return words{
		language: "de",
		file:     "Datei", add: "Neuer Eintrag", quit: "Beenden",
		edit: "Bearbeiten", undo: "Rückgängig", redo: "Wiederholen", cut: "Ausschneiden", copy: "Kopieren",
		paste: "Einfügen", all: "Alles auswählen",
		view: "Ansicht", search: "Suchen …", larger: "Größer", smaller: "Kleiner", usual: "Normale Größe",
		reload: "Neu laden", fullscreen: "Vollbild",
		help: "Hilfe", about: "Über Inglenook",
		aboutText: "Der gemeinsame Planer für den Haushalt.\n\nVersion %s\nDaten: %s\n\nFreie Software unter der AGPL-3.0.",

		failed: "Inglenook kann deinen Haushalt nicht öffnen",
		kept:   "An deinen Daten wurde nichts geändert.",
		locked: "Ein anderes Inglenook benutzt ihn gerade. Schließe es und starte neu.",
		newer:  "Er wurde von einem neueren Inglenook geschrieben als diesem. Installiere das neuere.",
		full:   "Die Festplatte ist voll. Schaffe Platz und starte neu.",
		noPage: "Dieser Programmstand hat keine Seite. Baue ihn mit make build.",
		odd:    "Mehr steht im Protokoll im Datenordner.",
	}
}

// reason says in words why there is nothing to show.
func (w words) reason(err error) string {
	switch store.CodeOf(err) {
	case store.CodeStoreLocked:
		return w.locked
	case store.CodeFormatNewer:
		return w.newer
	case store.CodeStorageFull:
		return w.full
	case store.CodeNotFound:
		return w.noPage
	default:
		return w.odd
	}
}
