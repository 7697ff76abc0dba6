// Command inglenook is a device without a window: it keeps its part of a
// household in a folder, works offline, and exchanges with the server when told
// to. JSON goes in and out.
//
// Exit codes: 0 done; 1 something failed; 2 wrong use or invalid input; 3 the
// server was not reached; 4 signing in is needed; 5 there is no such thing; 6
// refused.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"inglenook/app"
	"inglenook/app/account"
	"inglenook/store"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// version is set when a release is built.
var version = "dev" //nolint:gochecknoglobals // set by the linker

// Exit codes.
const (
	exitFailed = iota + 1
	exitUse
	exitUnreached
	exitSignIn
	exitNotFound
	exitRefused
)

type program struct {
	Data    string           `help:"Data folder." env:"INGLENOOK_DATA" placeholder:"DIR"`
	Keyring bool             `help:"Keep secrets in the system's keyring when it answers; else in a file of the data folder that only its owner can read." negatable:"" default:"true" env:"INGLENOOK_KEYRING"`
	Verbose bool             `help:"Log to stderr." short:"v"`
	Version kong.VersionFlag `help:"Print the version."`

	Login   login   `cmd:"" help:"Join a server's household, or sign in again."`
	Logout  logout  `cmd:"" help:"Sign out and forget the household."`
	Status  status  `cmd:"" help:"How the device stands with its server."`
	Ls      ls      `cmd:"" help:"List what is here of a kind."`
	Put     put     `cmd:"" help:"Add or change things: JSON objects as arguments or on stdin."`
	Rm      rm      `cmd:"" help:"Delete things."`
	Restore restore `cmd:"" help:"Bring a deleted thing back."`
	Sync    sync    `cmd:"" help:"Exchange with the server."`
	Watch   watch   `cmd:"" help:"Exchange, and print every change as a line of JSON."`
	Import  imports `cmd:"" help:"Import files (.csv, .ics) in one act that can be undone."`
	Export  export  `cmd:"" help:"Print everything living as lines of JSON."`
	Undo    undo    `cmd:"" help:"Take back what an act did."`
	Digest  digest  `cmd:"" help:"Count and digest of every kind, to compare with others."`
}

// session is what every command gets: the device and where to read and write.
type session struct {
	*app.App
	ctx    context.Context //nolint:containedctx // of the one command that runs
	in     io.Reader
	out    io.Writer
	errors *os.File
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	// First of all: what is told to stop closes its store, however early.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli program
	parser, err := kong.New(&cli, kong.Name("inglenook"), kong.Description("A device of a household, without a window."),
		kong.Vars{"version": version}, kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(os.Stderr, "inglenook:", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		return exitUse
	}
	if err := cli.with(ctx, command.Run); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = errors.New("stopped before it was done")
		}
		fmt.Fprintln(os.Stderr, "inglenook:", err)
		return exitOf(err)
	}
	return 0
}

// with opens the device for one command.
func (p *program) with(ctx context.Context, command func(...any) error) error {
	dir := p.Data
	if dir == "" {
		var err error
		if dir, err = app.DefaultDir(); err != nil {
			return err
		}
	}
	log := zerolog.Nop()
	if p.Verbose {
		log = zerolog.New(os.Stderr).With().Timestamp().Logger()
	}
	name, err := os.Hostname()
	if err != nil {
		name = "" // the device goes without
	}
	cfg := app.Config{Dir: dir, Name: name, Version: version, Log: log, Now: time.Now}
	if p.Keyring {
		cfg.Keyring = account.System()
	}
	device, err := app.New(ctx, cfg)
	if err != nil {
		return err
	}
	err = command(&session{App: device, ctx: ctx, in: os.Stdin, out: os.Stdout, errors: os.Stderr})
	return errors.Join(err, device.Close()) //nolint:contextcheck // it is closed whatever ctx says
}

// exitOf is the exit code of an error.
func exitOf(err error) int {
	switch store.CodeOf(err) { //nolint:exhaustive // all others have failed
	case store.CodeInvalid, store.CodeMalformed, store.CodeTooLarge, store.CodeCursorInvalid:
		return exitUse
	case store.CodeServerUnreached:
		return exitUnreached
	case store.CodeSessionMissing, store.CodeSessionInvalid, store.CodeSessionEnded, store.CodeSessionExpired,
		store.CodeSessionTaken, store.CodeSessionDenied, store.CodeSessionReverify, store.CodeSessionProofRequired,
		store.CodeSignInFailed, store.CodeSignInPending:
		return exitSignIn
	case store.CodeNotFound, store.CodeUnknownID, store.CodeMethodOff:
		return exitNotFound
	case store.CodeForbidden, store.CodeStoreLocked, store.CodeRateLimited, store.CodeStepUpRequired, store.CodeAccountMissing:
		return exitRefused
	}
	return exitFailed
}
