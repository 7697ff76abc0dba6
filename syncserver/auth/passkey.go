package auth

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkey signs in with a passkey (WebAuthn level 3): a key that the device or
// its keeper guards, and that works on one name of this server only. A browser
// gives it away on https and on the machine itself.
type Passkey struct {
	store      *household.Store
	limit      *limiter
	hosts      []string // as configured
	challenges *waiting[challenge]
}

// challengeLife is how long a person may take to touch their key.
const challengeLife = 5 * time.Minute

// challenge is what an authenticator was asked to sign.
type challenge struct {
	origin  string
	user    store.ID // who adds a passkey; 0 for a sign-in
	session webauthn.SessionData
}

func newPasskey(s *household.Store, limit *limiter, hosts []string) *Passkey {
	return &Passkey{store: s, limit: limit, hosts: hosts, challenges: newWaiting[challenge](limit.now, challengeLife)}
}

// Listing: on where a browser would let a page ask for a passkey.
func (m *Passkey) Listing(_ context.Context, from From) (api.Method, bool, error) {
	_, ok := m.host(from)
	return api.Method{Name: "passkey", Kind: "passkey"}, ok, nil
}

// host is the name a passkey belongs to, the relying party id: one that is
// configured. A name that only came with the request could be anybody's.
func (m *Passkey) host(from From) (string, bool) {
	origin, err := url.Parse(from.Origin)
	if err != nil {
		return "", false
	}
	host := strings.ToLower(origin.Hostname())
	if host == "localhost" {
		return host, true
	}
	return host, from.Encrypted && slices.ContainsFunc(m.hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

func (m *Passkey) party(ctx context.Context, from From) (*webauthn.WebAuthn, error) {
	host, ok := m.host(from)
	if !ok {
		return nil, methodOff()
	}
	home, err := m.store.Household(ctx)
	if err != nil {
		return nil, err
	}
	title := home.String("name")
	if title == "" {
		title = "Inglenook"
	}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: title, RPOrigins: []string{from.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			// It stands alone: nothing else is asked of who has it, not even a name.
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		// None is read; some keepers of passkeys send some all the same.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// Begin returns the options for navigator.credentials: of get, or of create to
// add one to the account of from.UserID.
func (m *Passkey) Begin(ctx context.Context, in api.Begin, from From) (api.Begun, error) {
	party, err := m.party(ctx, from)
	if err != nil {
		return api.Begun{}, err
	}
	c := challenge{origin: from.Origin}
	var options any
	var session *webauthn.SessionData
	if in.Purpose == "add" {
		if c.user = from.UserID; c.user == 0 {
			return api.Begun{}, store.Errorf(store.CodeSessionMissing, "", "sign in first")
		}
		owner, err := m.owner(ctx, c.user)
		if err != nil {
			return api.Begun{}, err
		}
		creation, s, err := party.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.keys).CredentialDescriptors()))
		if err != nil {
			return api.Begun{}, fmt.Errorf("begin to add a passkey: %w", err)
		}
		options, session = creation, s
	} else {
		assertion, s, err := party.BeginDiscoverableLogin()
		if err != nil {
			return api.Begun{}, fmt.Errorf("begin to sign in with a passkey: %w", err)
		}
		options, session = assertion, s
	}
	c.session = *session
	out := api.Begun{State: newSecret(), ExpiresInMs: challengeLife.Milliseconds()}
	if out.Options, err = json.Marshal(options); err != nil {
		return api.Begun{}, fmt.Errorf("write the options of a passkey: %w", err)
	}
	return out, m.challenges.put(out.State, from.Address, c)
}

// challenge takes the challenge of a state, once.
func (m *Passkey) challenge(state string, from From, user store.ID) (challenge, error) {
	c, ok := m.challenges.take(state, func(c challenge) bool { return c.origin == from.Origin && c.user == user })
	if !ok {
		return c, failed()
	}
	return c, nil
}

// SignIn checks what an authenticator has signed.
func (m *Passkey) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	party, err := m.party(ctx, from)
	if err != nil {
		return Somebody{}, err
	}
	address := addressKey(from.Address)
	if err := m.limit.try(address); err != nil {
		return Somebody{}, err
	}
	c, err := m.challenge(login.State, from, 0)
	if err != nil {
		return Somebody{}, err
	}
	signed, err := protocol.ParseCredentialRequestResponseBytes(login.Credential)
	if err != nil {
		return Somebody{}, failed()
	}
	user, method, err := m.store.UserByPasskey(ctx, signed.RawID)
	if store.CodeOf(err) == store.CodeNotFound {
		return Somebody{}, failed()
	}
	if err != nil {
		return Somebody{}, err
	}
	owner := &passkeyOwner{id: user, keys: []webauthn.Credential{passkeyRecord(method.Passkey)}}
	used, err := party.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return owner, nil }, c.session, signed)
	if err != nil {
		return Somebody{}, failedAs(user)
	}
	if from.another(user) {
		return Somebody{}, failedFor(notTheirs)
	}
	revision, err := m.store.UseMethod(ctx, user, method.ID, func(kept *household.Method) error {
		count, before := used.Authenticator.SignCount, kept.Passkey.SignCount
		if count <= before && before > 0 { // there are two of it (§6.1.1); one that does not count says 0 always
			return failedAs(user)
		}
		kept.Passkey.SignCount, kept.Passkey.Flags = count, byte(used.Flags.ProtocolValue())
		return nil
	}, from.signedIn(user, "passkey"))
	if err != nil {
		return Somebody{}, err
	}
	m.limit.succeeded(address)
	return Somebody{UserID: user, Revision: revision}, nil
}

// Add reads a new passkey of a user.
func (m *Passkey) Add(ctx context.Context, user store.ID, login api.Login, from From) (household.Method, error) {
	party, err := m.party(ctx, from)
	if err != nil {
		return household.Method{}, err
	}
	c, err := m.challenge(login.State, from, user)
	if err != nil {
		return household.Method{}, err
	}
	owner, err := m.owner(ctx, user)
	if err != nil {
		return household.Method{}, err
	}
	made, err := protocol.ParseCredentialCreationResponseBytes(login.Credential)
	if err != nil {
		return household.Method{}, failed()
	}
	key, err := party.CreateCredential(owner, c.session, made)
	if err != nil {
		return household.Method{}, failed()
	}
	host, _ := m.host(from)
	kept := &household.Passkey{
		ID: key.ID, PublicKey: key.PublicKey, Host: host,
		SignCount: key.Authenticator.SignCount, Flags: byte(key.Flags.ProtocolValue()),
	}
	for _, t := range key.Transport {
		kept.Transports = append(kept.Transports, string(t))
	}
	return household.Method{Kind: household.MethodPasskey, Name: login.Name, Passkey: kept}, nil
}
