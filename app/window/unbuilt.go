//go:build !(desktop && production)

package window

// built tells whether this program was compiled with a window.
const built = false
