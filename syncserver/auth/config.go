package auth

// Config says which sign-in methods a server offers.
type Config struct {
	Off      []string   `json:"off,omitempty"` // names of methods that are on by themselves and shall not be
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
