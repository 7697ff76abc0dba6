package proof

import (
	"crypto/sha256"
	"encoding/base64"
)

// Claims is what a proof says.
type Claims struct {
	Method   string `json:"htm"`
	Path     string `json:"path"` // of the API: without query, and without a prefix that a proxy strips
	Audience string `json:"aud"`  // id of the server's instance
	Nonce    string `json:"nonce"`
	// ValueHash binds the proof to the bearer value shown; see ValueHash. It is
	// empty at a sign-in, and in a browser, whose value lies in a cookie that the
	// page cannot read: there the cookie names the session, and the session its key.
	ValueHash string `json:"ath"`
}

// ValueHash is base64url(SHA-256(value)), "" for no value.
func ValueHash(value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
