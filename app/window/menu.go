package window

import (
	"context"
	"fmt"
	goruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Actions of the menu that the page carries out, as the runtime event menu
// names them; page.js does what they say.
const (
	actionAdd     = "add"
	actionSearch  = "search"
	actionUndo    = "undo"
	actionRedo    = "redo"
	actionCut     = "cut"
	actionCopy    = "copy"
	actionPaste   = "paste"
	actionAll     = "all"
	actionLarger  = "larger"
	actionSmaller = "smaller"
	actionUsual   = "usual"
)

// menu is the native menu. Keys that the page itself knows, and those of every
// text field, have no accelerator: GTK would take them away from the fields.
func (w *window) menu() *menu.Menu {
	bar := menu.NewMenu()
	mac := goruntime.GOOS == "darwin"
	if mac {
		bar.Append(menu.AppMenu())
	}
	file := bar.AddSubmenu(w.words.file)
	w.say(file, w.words.add, keys.CmdOrCtrl("n"), actionAdd)
	if !mac {
		file.AddSeparator()
		file.AddText(w.words.quit, keys.CmdOrCtrl("q"), func(*menu.CallbackData) { w.quit() })
	}
	if mac {
		bar.Append(menu.EditMenu())
	} else {
		edit := bar.AddSubmenu(w.words.edit)
		w.say(edit, w.words.undo, nil, actionUndo)
		w.say(edit, w.words.redo, nil, actionRedo)
		edit.AddSeparator()
		w.say(edit, w.words.cut, nil, actionCut)
		w.say(edit, w.words.copy, nil, actionCopy)
		w.say(edit, w.words.paste, nil, actionPaste)
		w.say(edit, w.words.all, nil, actionAll)
	}
	view := bar.AddSubmenu(w.words.view)
	w.say(view, w.words.search, nil, actionSearch)
	view.AddSeparator()
	w.say(view, w.words.larger, keys.CmdOrCtrl("+"), actionLarger)
	w.say(view, w.words.smaller, keys.CmdOrCtrl("-"), actionSmaller)
	w.say(view, w.words.usual, keys.CmdOrCtrl("0"), actionUsual)
	view.AddSeparator()
	view.AddText(w.words.fullscreen, keys.Key("f11"), w.with(toggleFullscreen))
	view.AddText(w.words.reload, keys.CmdOrCtrl("r"), w.with(runtime.WindowReload))
	help := bar.AddSubmenu(w.words.help)
	help.AddText(w.words.about, nil, w.with(w.about))
	return bar
}

// say adds an item whose action is the page's.
func (w *window) say(to *menu.Menu, label string, key *keys.Accelerator, action string) {
	to.AddText(label, key, w.with(func(ctx context.Context) { runtime.EventsEmit(ctx, "menu", action) }))
}

// with calls do with what Wails' runtime wants.
func (w *window) with(do func(context.Context)) menu.Callback {
	return func(*menu.CallbackData) {
		if ctx, ok := w.context(); ok {
			do(ctx)
		}
	}
}

func toggleFullscreen(ctx context.Context) {
	if runtime.WindowIsFullscreen(ctx) {
		runtime.WindowUnfullscreen(ctx)
		return
	}
	runtime.WindowFullscreen(ctx)
}

func (w *window) about(ctx context.Context) {
	_, err := runtime.MessageDialog(ctx, runtime.MessageDialogOptions{
		Type: runtime.InfoDialog, Title: w.words.about,
		Message: fmt.Sprintf(w.words.aboutText, w.cfg.Version, w.cfg.Dir),
	})
	if err != nil {
		w.log.Error().Err(err).Msg("about cannot be shown")
	}
}
