package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// TelegramWidget signs in with what Telegram's login widget hands to the page:
// fields and a hash of them that only Telegram and whoever has the bot's token can
// make (core.telegram.org/widgets/login#checking-authorization). The widget's
// script is Telegram's and stays out; its address does the same.
type TelegramWidget struct {
	store  *household.Store
	limit  *limiter
	config Telegram
	states *waiting[string]   // to the binding of the browser that began
	used   *waiting[struct{}] // hashes that have been shown
}

const (
	telegramStateLife = 10 * time.Minute
	// telegramFresh is how old what the widget hands out may be.
	telegramFresh = 300 * time.Second
	// telegramAhead is by how much Telegram's clock may be ahead of ours.
	telegramAhead = 30 * time.Second
	// telegramIssuer is where the subjects of the widget come from.
	telegramIssuer = "https://telegram.org"
)

func newTelegram(s *household.Store, limit *limiter, config Telegram) *TelegramWidget {
	return &TelegramWidget{
		store: s, limit: limit, config: config,
		states: newWaiting[string](limit.now, telegramStateLife),
		used:   newWaiting[struct{}](limit.now, telegramFresh+telegramAhead),
	}
}

// Listing names the bot, which the widget needs.
func (m *TelegramWidget) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "telegram", Kind: "telegram", Bot: m.config.BotName}, true, nil
}

// Begin returns where Telegram asks the person. It leads back to the page with
// the fields in the fragment, which only a page can read: not to a desktop. What
// comes back is bound to the browser that asks: nobody can be made to sign in as
// somebody else.
//
// Errors: besides those of Beginner, store.CodeMethodOff for a desktop.
func (m *TelegramWidget) Begin(_ context.Context, in api.Begin, from From) (api.Begun, error) {
	if in.Redirect != "" {
		return api.Begun{}, methodOff()
	}
	bot, _, _ := strings.Cut(m.config.BotToken, ":") // its id, which is no secret
	ask := url.Values{"bot_id": {bot}, "origin": {from.Origin}, "return_to": {from.Origin + "/"}}
	out := api.Begun{
		URL:   "https://oauth.telegram.org/auth?" + ask.Encode(),
		State: newSecret(), Binding: newSecret(), ExpiresInMs: telegramStateLife.Milliseconds(),
	}
	return out, m.states.put(out.State, from.Address, out.Binding)
}

// SignIn checks the fields.
func (m *TelegramWidget) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	i, err := m.identity(login, from)
	if err != nil {
		return Somebody{}, err
	}
	return asSomebody(ctx, m.store, m.limit, i, from)
}

// Add makes it a way in which a user signs in.
func (m *TelegramWidget) Add(_ context.Context, _ store.ID, login api.Login, from From) (household.Method, error) {
	i, err := m.identity(login, from)
	return newMethod(i, login.Name, "Telegram"), err
}

func (m *TelegramWidget) identity(login api.Login, from From) (household.Identity, error) {
	if err := m.limit.try(addressKey(from.Address)); err != nil {
		return household.Identity{}, err
	}
	fields := login.Telegram
	if !known(fields) || !m.genuine(fields) || !m.fresh(fields["auth_date"]) {
		return household.Identity{}, failed()
	}
	if _, ok := m.states.take(login.State, func(binding string) bool { return same(binding, login.Binding) }); !ok {
		return household.Identity{}, failed()
	}
	// What is shown a second time, or cannot be remembered, is not believed.
	if m.used.put(strings.ToLower(fields["hash"]), from.Address, struct{}{}) != nil {
		return household.Identity{}, failed()
	}
	name := Shown(fields["first_name"] + " " + fields["last_name"])
	return household.Identity{Method: "telegram", Issuer: telegramIssuer, Subject: fields["id"], DisplayName: name}, nil
}

// telegramFields are what the widget hands out.
var telegramFields = [...]string{"auth_date", "first_name", "hash", "id", "last_name", "photo_url", "username"}

// known tells whether fields can be what Telegram has written. The hash is over
// lines: with a line of one's own in a name, or a field of one's own, the same text
// could be read as somebody else's.
func known(fields map[string]string) bool {
	for name, value := range fields {
		if !slices.Contains(telegramFields[:], name) || strings.ContainsFunc(value, unicode.IsControl) {
			return false
		}
	}
	_, err := strconv.ParseUint(fields["id"], 10, 64)
	return err == nil
}

// genuine compares the hash: HMAC-SHA-256 over all other fields, sorted, keyed
// with the hash of the bot's token.
func (m *TelegramWidget) genuine(fields map[string]string) bool {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "hash" {
			lines = append(lines, name+"="+fields[name])
		}
	}
	key := sha256.Sum256([]byte(m.config.BotToken))
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(strings.Join(lines, "\n")))
	given, err := hex.DecodeString(fields["hash"])
	return err == nil && hmac.Equal(given, h.Sum(nil))
}

func (m *TelegramWidget) fresh(date string) bool {
	seconds, err := strconv.ParseInt(date, 10, 64)
	age := m.limit.now().Sub(time.Unix(seconds, 0))
	return err == nil && age <= telegramFresh && age >= -telegramAhead
}
