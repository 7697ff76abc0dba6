package household

// Identity is who somebody has proved to be somewhere else: at a provider, with
// a bot, with an invitation. Method, Issuer and Subject name them, never an
// e-mail address, which changes hands. DisplayName is what they are called
// there; it proves nothing.
type Identity struct {
	Method      string `json:"method"`
	Issuer      string `json:"issuer"`
	Subject     string `json:"subject"`
	DisplayName string `json:"displayName,omitempty"`
}
