// Package window is the desktop's window: Wails around the device. Only here is
// cgo, and only with the tags of a release build (desktop, production and, on
// Linux, webkit2_41); without them everything compiles and Run says that this
// build has no window.
//
// The page and the device exchange messages over one bound method, Page.Request,
// and one channel of runtime events, frame. That is all there is to bind, so
// Wails' generated bindings (wailsjs) are not used: the page calls
// window.go.window.Page.Request itself, in frontend/src/lib/host/desktop.ts.
// Wails' asset handler answers nothing but GETs: request bodies through it crash
// WebKitGTK (https://github.com/wailsapp/wails/issues/6068).
package window
