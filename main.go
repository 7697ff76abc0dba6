// Command inglenook-desktop is Inglenook in a window: the household's organiser
// on this device, with or without a network.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"inglenook/app"
	"inglenook/app/window"
	"inglenook/frontend"

	"github.com/alecthomas/kong"
)

// version is set by the release build.
var version = "dev"

//go:embed build/icons/appicon-256.png
var icon []byte

// program is everything the command line can say.
type program struct {
	Data    string           `help:"The data folder." placeholder:"DIR" env:"INGLENOOK_DATA"`
	Inspect string           `help:"Let a web inspector in, at this address. Whoever reaches it reads and types what you do." placeholder:"HOST:PORT"`
	Version kong.VersionFlag `help:"Say which version this is."`
}

func main() {
	// First of all: what is told to close does so, however early.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	os.Exit(run(os.Args[1:], signals, os.Stdout, os.Stderr))
}

// Exit codes: 0 closed, 1 failed or handed over to the window that is open
// already, 2 wrong use.
func run(args []string, signals <-chan os.Signal, stdout, stderr io.Writer) int {
	var p program
	parser, err := kong.New(&p,
		kong.Name("inglenook-desktop"), kong.Description("The household's shared organiser, in a window."),
		kong.Vars{"version": version}, kong.Writers(stdout, stderr), kong.UsageOnError())
	if err == nil {
		_, err = parser.Parse(args)
	}
	if err != nil {
		fmt.Fprintln(stderr, "inglenook-desktop:", err)
		return 2
	}
	if p.Data == "" {
		p.Data, err = app.DefaultDir()
	}
	if err == nil {
		err = window.Run(window.Config{
			Dir: p.Data, UI: frontend.FS(), Icon: icon, Inspect: p.Inspect, Version: version, Now: time.Now, Signals: signals,
		})
	}
	if err != nil {
		fmt.Fprintln(stderr, "inglenook-desktop:", err)
		return 1
	}
	return 0
}
