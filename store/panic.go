package store

import (
	"fmt"
	"runtime"
)

// PanicText says what a recovered panic was, for a log. Only the runtime's own
// are told in full, which hold numbers and types: any other value may hold what
// was sent to us, and so a secret. The stack beside it says where it was.
func PanicText(recovered any) string {
	if err, ok := recovered.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", recovered)
}
