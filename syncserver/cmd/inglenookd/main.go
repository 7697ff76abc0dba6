// Command inglenookd is the household's sync server without a window.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"inglenook/store"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

// version is set by the release build.
var version = "dev"

// program is everything the command line can say. Flags win over environment
// variables (INGLENOOK_…), those over the file of --config.
type program struct {
	Config kong.ConfigFlag `help:"Read settings from this JSON file." env:"INGLENOOK_CONFIG" placeholder:"FILE"`
	Log    string          `help:"How much to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"INGLENOOK_LOG"`

	Serve   serveCommand   `cmd:"" help:"Serve the household."`
	User    userCommand    `cmd:"" help:"Users of a server that is not running."`
	Audit   auditCommand   `cmd:"" help:"What happened to sessions, sign-ins and access, newest first, on a server that is not running."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

// surroundings are what a command works with.
type surroundings struct {
	ctx    context.Context
	log    zerolog.Logger
	stdin  io.Reader
	stdout io.Writer
}

func main() {
	// A household's server mostly waits: give memory back early rather than
	// collect rarely. Whoever sets GOGC knows better.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes: 0 done, 1 failed, 2 wrong use.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// First of all: what is told to stop closes its store, however early.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var p program
	parser, err := kong.New(&p,
		kong.Name("inglenookd"), kong.Description("The sync server of a household."),
		kong.Configuration(belowEnvironment), kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.Vars(sessionDefaults()))
	if err != nil {
		fmt.Fprintln(stderr, "inglenookd:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "inglenookd:", err)
		return 2
	}
	level, err := zerolog.ParseLevel(p.Log)
	if err != nil {
		fmt.Fprintln(stderr, "inglenookd:", err)
		return 2
	}
	log := zerolog.New(readable(stderr)).Level(level).With().Timestamp().Logger()
	err = command.Run(&surroundings{ctx, log, stdin, stdout})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		log.Info().Msg("stopped while starting")
		return 0
	}
	if err != nil {
		var known *store.Error
		if errors.As(err, &known) {
			log.Error().Str("code", string(known.Code)).Msg(known.Message)
		} else {
			log.Error().Err(err).Msg("stopped")
		}
		return 1
	}
	return 0
}

// readable writes logs for people where a person looks at them, and as lines of
// JSON everywhere else.
func readable(stderr io.Writer) io.Writer {
	if f, ok := stderr.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return zerolog.ConsoleWriter{Out: stderr, TimeFormat: time.TimeOnly, NoColor: os.Getenv("NO_COLOR") != ""}
	}
	return stderr
}

// belowEnvironment reads a JSON file whose settings count where neither flag nor
// environment says anything; kong alone lets the file win over the environment.
func belowEnvironment(file io.Reader) (kong.Resolver, error) {
	settings, err := kong.JSON(file)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(c *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, said := os.LookupEnv(name); said {
				return nil, nil //nolint:nilnil // kong's way to say: not from here
			}
		}
		return settings.Resolve(c, parent, flag)
	}), nil
}

type versionCommand struct{}

func (versionCommand) Run(s *surroundings) error {
	_, err := fmt.Fprintln(s.stdout, "inglenookd", version, commit())
	return err
}

// commit is the revision Go has built from, "" when it does not know.
func commit() string { return setting("vcs.revision") }

// built is when that was, zero when nobody knows.
func built() time.Time {
	at, _ := time.Parse(time.RFC3339, setting("vcs.time")) // "" is no time
	return at
}

func setting(key string) string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range build.Settings {
		if setting.Key == key {
			return setting.Value
		}
	}
	return ""
}
