package auth

import (
	"context"
	"encoding/binary"

	"inglenook/store"
	"inglenook/store/household"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// passkeyOwner is a user as the library knows one.
type passkeyOwner struct {
	id   store.ID
	name string
	keys []webauthn.Credential
}

func (m *Passkey) owner(ctx context.Context, id store.ID) (*passkeyOwner, error) {
	user, err := m.store.User(ctx, id)
	if err != nil {
		return nil, err
	}
	methods, err := m.store.MethodsOf(ctx, id)
	o := &passkeyOwner{id: id, name: user.String("name")}
	for _, method := range methods {
		if method.Passkey != nil {
			o.keys = append(o.keys, passkeyRecord(method.Passkey))
		}
	}
	return o, err
}

func passkeyRecord(p *household.Passkey) webauthn.Credential {
	c := webauthn.Credential{
		ID: p.ID, PublicKey: p.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(p.Flags)),
		Authenticator: webauthn.Authenticator{SignCount: p.SignCount},
	}
	for _, t := range p.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// WebAuthnID is the user's id: random, so that it tells nothing (§14.6.1).
func (o *passkeyOwner) WebAuthnID() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(o.id))
}

// WebAuthnName is what the authenticator shows.
func (o *passkeyOwner) WebAuthnName() string { return o.name }

// WebAuthnDisplayName is the same: there is one name.
func (o *passkeyOwner) WebAuthnDisplayName() string { return o.name }

// WebAuthnCredentials are the passkeys there are.
func (o *passkeyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }
