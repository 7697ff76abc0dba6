package main

import (
	"errors"
	"fmt"

	"inglenook/syncserver/auth"

	"github.com/alecthomas/kong"
	"github.com/go-json-experiment/json"
)

// methodsFlag is the configuration of sign-in methods. It holds secrets, which
// everybody on the machine could read on a command line: it comes from the file
// of --config only.
type methodsFlag struct{ auth.Config }

// Decode reads what the file says.
func (f *methodsFlag) Decode(ctx *kong.DecodeContext) error {
	token := ctx.Scan.Pop()
	if _, typed := token.Value.(string); typed {
		return errors.New("is set in the file of --config only")
	}
	raw, err := json.Marshal(token.Value)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &f.Config, json.RejectUnknownMembers(true)); err != nil {
		var wrong *json.SemanticError
		if errors.As(err, &wrong) { // without the value, which may be a secret
			return fmt.Errorf("is wrong at %q", string(wrong.JSONPointer))
		}
		return errors.New("cannot be read")
	}
	return nil
}

// String says nothing of what is in it.
func (methodsFlag) String() string { return "" }
