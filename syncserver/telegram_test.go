package syncserver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/servertest"
)

const botToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// widget is what Telegram's login widget hands to the page.
func widget(token string, at time.Time, id string) map[string]string {
	fields := map[string]string{
		"id": id, "first_name": "Dora", "last_name": "Ötker", "username": "dora", "auth_date": strconv.FormatInt(at.Unix(), 10),
	}
	fields["hash"] = sign(token, fields)
	return fields
}

// sign is the hash of fields.
func sign(token string, fields map[string]string) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, name+"="+fields[name])
	}
	key := sha256.Sum256([]byte(token))
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

func TestTelegram(t *testing.T) {
	s, anna := founded(t, servertest.Options{Methods: auth.Config{Telegram: auth.Telegram{BotName: "lindenhof_bot", BotToken: botToken}}})
	b := anna.other()
	var methods api.Methods
	b.must(http.MethodGet, "/api/auth/methods", nil, &methods)
	if !slices.ContainsFunc(methods.Methods, func(m api.Method) bool { return m.Kind == "telegram" && m.Bot == "lindenhof_bot" }) {
		t.Errorf("%+v", methods)
	}
	begun := b.begin("telegram", api.Begin{})
	want := "https://oauth.telegram.org/auth?bot_id=110201543&origin=" + url.QueryEscape(b.url) + "&return_to=" + url.QueryEscape(b.url+"/")
	if begun.URL != want || begun.Binding != "" {
		t.Errorf("%+v", begun)
	}
	cookies := b.last.Cookies()
	if len(cookies) != 1 || cookies[0].Name != "inglenook-state" || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].MaxAge != 600 {
		t.Errorf("%v", cookies)
	}
	if code := b.ask(http.MethodPost, "/api/auth/begin/telegram", api.Begin{Redirect: "http://127.0.0.1:5000/"}, nil); code != store.CodeMethodOff {
		t.Errorf("for a desktop: %q", code)
	}
	fields := widget(botToken, s.Clock.Now(), "77")
	session, code := b.login("telegram", api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: fields})
	if code != "" || session.Pending == nil || session.Pending.DisplayName != "Dora Ötker" {
		t.Fatalf("%q %+v", code, session)
	}
	for _, tt := range []struct {
		name string
		do   func(b *browser) api.Login
	}{
		{"shown again", func(b *browser) api.Login {
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: fields}
		}},
		{"shown again in capitals", func(b *browser) api.Login {
			again := maps.Clone(fields)
			again["hash"] = strings.ToUpper(again["hash"])
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: again}
		}},
		{"another person's id", func(b *browser) api.Login {
			forged := widget(botToken, s.Clock.Now(), "78")
			forged["id"] = "79"
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: forged}
		}},
		{"one field more", func(b *browser) api.Login {
			forged := widget(botToken, s.Clock.Now(), "78")
			forged["photo_url"] = "https://evil.example"
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: forged}
		}},
		{"of another bot", func(b *browser) api.Login {
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget("1:x", s.Clock.Now(), "78")}
		}},
		{"six minutes old", func(b *browser) api.Login {
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now().Add(-301*time.Second), "78")}
		}},
		{"of tomorrow", func(b *browser) api.Login {
			return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now().Add(24*time.Hour), "78")}
		}},
		{"in another browser", func(*browser) api.Login {
			return api.Login{State: anna.other().begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), "78")}
		}},
		{"never begun", func(*browser) api.Login { return api.Login{Telegram: widget(botToken, s.Clock.Now(), "78")} }},
		{"begun too long ago", func(b *browser) api.Login {
			state := b.begin("telegram", api.Begin{}).State
			s.Clock.Advance(10*time.Minute + time.Second)
			return api.Login{State: state, Telegram: widget(botToken, s.Clock.Now(), "78")}
		}},
		{"nothing", func(b *browser) api.Login { return api.Login{State: b.begin("telegram", api.Begin{}).State} }},
	} {
		b := anna.other()
		login, before := tt.do(b), len(audited(t, s, "signin.failed"))
		if _, code := b.login("telegram", login); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", tt.name, code)
		}
		if len(audited(t, s, "signin.failed")) != before+1 {
			t.Errorf("%s: no record", tt.name)
		}
	}
	b.noSecrets(s, botToken[10:], fields["hash"])
}

// An identity belongs to one user, who can be found by it until it is removed.
func TestTelegramOfAnAccount(t *testing.T) {
	s, anna := founded(t, servertest.Options{Methods: auth.Config{Telegram: auth.Telegram{BotName: "lindenhof_bot", BotToken: botToken}}})
	show := func(b *browser) api.Login {
		s.Clock.Advance(time.Second) // or it is the same hash
		return api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), "77")}
	}
	var added api.AccountMethod
	anna.must(http.MethodPost, "/api/auth/account/methods/telegram", show(anna), &added)
	if added.Kind != "telegram" || added.Name != "Telegram · Dora Ötker" {
		t.Errorf("%+v", added)
	}
	b := anna.other()
	if session, code := b.login("telegram", show(b)); code != "" || session.User.String("name") != "Anna" {
		t.Errorf("%q %+v", code, session)
	}
	anna.must(http.MethodDelete, "/api/auth/account/methods/"+added.ID, nil, nil)
	b = anna.other()
	if session, code := b.login("telegram", show(b)); code != "" || session.Pending == nil {
		t.Errorf("removed: %q %+v", code, session)
	}
}

// Anybody may have an account at a provider: who is nobody here stays counted
// against the address, and who is somebody does not.
func TestStrangersOfAProviderAreCounted(t *testing.T) {
	s, anna := founded(t, telegram())
	login := func(id string) store.Code {
		b := anna.other()
		s.Clock.Advance(time.Second)
		_, code := b.login("telegram", api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), id)})
		return code
	}
	s.Clock.Advance(time.Second)
	anna.must(http.MethodPost, "/api/auth/account/methods/telegram",
		api.Login{State: anna.begin("telegram", api.Begin{}).State, Telegram: widget(botToken, s.Clock.Now(), "77")}, nil)
	for i := range 40 {
		if code := login("77"); code != "" {
			t.Fatalf("Anna, %d: %q", i, code)
		}
	}
	strangers := 0
	for ; strangers < 40 && login("9"+strconv.Itoa(strangers)) == ""; strangers++ {
	}
	if strangers < 25 || strangers > 30 {
		t.Errorf("%d strangers from one address", strangers)
	}
}

// Lines that Telegram has signed for somebody who wrote one of them into their name
// are nobody else's.
func TestTelegramLinesAreNotMovedAbout(t *testing.T) {
	s, anna := founded(t, telegram())
	at := strconv.FormatInt(s.Clock.Now().Unix(), 10)
	signed := map[string]string{"id": "666", "first_name": "Mallory\nid=77\nj=", "auth_date": at}
	hash := sign(botToken, signed)
	for name, fields := range map[string]map[string]string{
		"as another one":   {"auth_date": at, "first_name": "Mallory", "id": "77", "j": "\nid=666"},
		"a line in a name": signed,
		"a field too many": {"auth_date": at, "id": "77", "phone": "1"},
		"no number":        {"auth_date": at, "id": "77 "},
	} {
		fields = maps.Clone(fields)
		fields["hash"] = hash
		if name == "a field too many" || name == "no number" {
			delete(fields, "hash")
			fields["hash"] = sign(botToken, fields)
		}
		b := anna.other()
		if _, code := b.login("telegram", api.Login{State: b.begin("telegram", api.Begin{}).State, Telegram: fields}); code != store.CodeSignInFailed {
			t.Errorf("%s: %q", name, code)
		}
	}
	if pending := must(s.Store().Sessions(t.Context(), 0)); len(pending) != 0 {
		t.Errorf("%+v", pending[0].Pending.Identity)
	}
}
