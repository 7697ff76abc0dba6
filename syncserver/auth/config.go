package auth

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"inglenook/store"
)

// Config says which sign-in methods a server offers besides those that are on by
// themselves.
type Config struct {
	Off      []string   `json:"off,omitempty"` // names of methods that shall not be on
	Telegram Telegram   `json:"telegram,omitzero"`
	OIDC     []Provider `json:"oidc,omitempty"`
}

// Telegram is the bot whose login widget signs people in; none without a token.
type Telegram struct {
	BotName  string `json:"botName,omitempty"`
	BotToken string `json:"botToken,omitempty"`
}

// Provider is an OpenID Connect provider.
type Provider struct {
	Name         string   `json:"name"`  // in the path of its requests
	Title        string   `json:"title"` // as people know it
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret,omitempty"`
	Scopes       []string `json:"scopes,omitempty"` // besides openid
}

// ownMethods are the names providers cannot have.
var ownMethods = [...]string{"setup", "password", "passkey", "telegram", "pairing", "invitation", "recovery", "demo"}

// providerName goes into paths.
var providerName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// botToken begins with the bot's id.
var botToken = regexp.MustCompile(`^[0-9]+:\S+$`)

// check tells what is wrong. Errors: store.CodeInvalid, without any secret.
func (c Config) check() error {
	if (c.Telegram.BotName == "") != (c.Telegram.BotToken == "") {
		return store.Errorf(store.CodeInvalid, "methods.telegram", "needs both botName and botToken")
	}
	if c.Telegram.BotToken != "" && !botToken.MatchString(c.Telegram.BotToken) {
		return store.Errorf(store.CodeInvalid, "methods.telegram.botToken", "is a number, a colon and more, as BotFather tells it")
	}
	names := slices.Clone(ownMethods[:])
	for i, p := range c.OIDC {
		field := func(name string) string { return fmt.Sprintf("methods.oidc[%d].%s", i, name) }
		issuer, err := url.Parse(p.Issuer)
		switch {
		case !providerName.MatchString(p.Name):
			return store.Errorf(store.CodeInvalid, field("name"), "is small letters, digits and dashes")
		case slices.Contains(names, p.Name):
			return store.Errorf(store.CodeInvalid, field("name"), "%s is the name of another method", p.Name)
		case p.Title == "":
			return store.Errorf(store.CodeInvalid, field("title"), "is missing")
		case p.ClientID == "":
			return store.Errorf(store.CodeInvalid, field("clientId"), "is missing")
		case err != nil || issuer.Host == "" || issuer.Scheme != "https" && !isLoopback(p.Issuer):
			return store.Errorf(store.CodeInvalid, field("issuer"), "is an address that begins with https://")
		}
		names = append(names, p.Name)
	}
	for _, name := range c.Off {
		if !slices.Contains(names, name) {
			return store.Errorf(store.CodeInvalid, "methods.off", "there is no method %s", name)
		}
	}
	return nil
}
