package syncserver

import (
	"io/fs"
	"time"

	"inglenook/store"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/session"

	"github.com/rs/zerolog"
)

// Config is what a server is told. It is checked before anything starts.
type Config struct {
	// Dir holds what lies beside the store: the secrets, and the newest event
	// id as noted outside it.
	Dir string

	// Demo fills an empty store with a household to try, and lets everybody be
	// anybody in it.
	Demo bool

	// Methods are the sign-in methods besides those that are on by themselves.
	Methods auth.Config

	// Hosts are names this server goes by, besides localhost and addresses.
	Hosts []string
	// TrustedProxies are addresses or networks that may say who the client is.
	TrustedProxies []string

	// AllowDev answers pages that somebody serves elsewhere to work on them, and
	// that are passed on to here (make dev). Refused otherwise.
	AllowDev bool

	// SessionStreams is how many connections of one session may wait for events;
	// 0 means httpapi.DefaultSessionStreams.
	SessionStreams int

	Version, Commit string

	Built time.Time // when the program was made: a clock that is before it is wrong; zero when nobody knows

	UI     fs.FS // the page; nil serves none
	Log    zerolog.Logger
	Now    func() time.Time
	Timers session.Timers // the zero value means DefaultTimers
}

// DrainTime is how long requests may take to finish after the server was told to
// stop.
const DrainTime = 3 * time.Second

func (c *Config) check() error {
	switch {
	case c.Dir == "":
		return store.Errorf(store.CodeInvalid, "dir", "the data folder is not named")
	case c.Now == nil:
		return store.Errorf(store.CodeInvalid, "now", "there is no clock")
	}
	if c.Timers == (session.Timers{}) {
		c.Timers = session.DefaultTimers()
	}
	return nil
}
