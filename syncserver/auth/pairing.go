package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Pairing lets a device in that shows a code, when somebody who is signed in
// elsewhere approves it (the shape of RFC 8628). The device polls with a secret
// that begins with the code.
type Pairing struct {
	store   *household.Store
	limit   *limiter
	active  Active
	devices *waiting[pairing]
}

// Active tells whether a session has not ended.
type Active func(context.Context, store.SessionID) (bool, error)

// pairing is a device that waits.
type pairing struct {
	api.Pairing
	secret   string
	by       Somebody // who has approved it, as they were then; of user 0 for nobody yet
	polledAt time.Time
}

const (
	pairingLife     = 10 * time.Minute
	pairingInterval = 2 * time.Second
	// pairingHaste is by how much earlier a device may ask again: its requests
	// do not all take equally long.
	pairingHaste = 500 * time.Millisecond
)

func newPairing(s *household.Store, limit *limiter, active Active) *Pairing {
	return &Pairing{store: s, limit: limit, active: active, devices: newWaiting[pairing](limit.now, pairingLife)}
}

// Listing: on as soon as there is somebody to approve.
func (m *Pairing) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "pairing", Kind: "pairing"}, m.store.SetUp(), nil
}

// Begin returns the code that the device shows and the secret it polls with.
func (m *Pairing) Begin(_ context.Context, in api.Begin, from From) (api.Begun, error) {
	p := pairing{Pairing: api.Pairing{
		Device: Shown(in.Device), Platform: Shown(in.Platform),
		Network: household.Network(from.Address), At: store.TimestampOf(m.limit.now()),
	}}
	for {
		p.Code = NewCode()
		p.secret = p.Code + "." + newSecret()
		err := m.devices.put(p.Code, from.Address, p)
		if errors.Is(err, errTaken) {
			continue
		}
		return api.Begun{
			Code: p.Code, Secret: p.secret, ExpiresInMs: pairingLife.Milliseconds(), IntervalMs: pairingInterval.Milliseconds(),
		}, err
	}
}

// SignIn is the device's question whether it was approved.
//
// Errors: besides those of Method, store.CodeSignInPending until then, and
// CodeRateLimited when it asks more often than it was told.
func (m *Pairing) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	code, _, _ := strings.Cut(login.Code, ".")
	now, early := m.limit.now(), false
	found := m.devices.change(code, func(p *pairing) {
		if same(p.secret, login.Code) {
			early, p.polledAt = now.Sub(p.polledAt) < pairingInterval-pairingHaste, now
		}
	})
	p, _ := m.devices.get(code)
	if !found || !same(p.secret, login.Code) {
		if err := m.limit.try(addressKey(from.Address)); err != nil {
			return Somebody{}, err
		}
		return Somebody{}, failed()
	}
	if early {
		return Somebody{}, tooMany(pairingInterval)
	}
	if p.by.UserID == 0 {
		return Somebody{}, store.Errorf(store.CodeSignInPending, "", "nobody has approved this device yet")
	}
	if _, ok := m.devices.take(code, func(p pairing) bool { return p.by.UserID != 0 && same(p.secret, login.Code) }); !ok {
		return Somebody{}, failed()
	}
	ctx = context.WithoutCancel(ctx) // it is used up, also when the device goes away
	if stands, err := m.stands(ctx, p.by); err != nil {
		return Somebody{}, err
	} else if !stands {
		return Somebody{}, failedAs(p.by.UserID)
	}
	return p.by, m.store.Audit(ctx, from.signedIn(p.by.UserID, "pairing"))
}

// stands tells whether an approval is still worth what it was: by somebody of the
// household, on a device that is signed in, with the password of then.
func (m *Pairing) stands(ctx context.Context, by Somebody) (bool, error) {
	if _, err := m.store.User(ctx, by.UserID); store.CodeOf(err) == store.CodeNotFound {
		return false, nil
	} else if err != nil {
		return false, err
	}
	c, err := m.store.Credential(ctx, by.UserID)
	if err != nil || c.Revision != by.Revision {
		return false, err
	}
	return m.active(ctx, by.Approver)
}

// Device returns the device that shows a code, for a user to decide.
//
// Errors: store.CodeNotFound, CodeRateLimited after five wrong codes.
func (m *Pairing) Device(user store.ID, code string) (api.Pairing, error) {
	var device api.Pairing
	return device, m.decide(user, code, func(code string) bool {
		p, ok := m.devices.get(code)
		device = p.Pairing
		return ok && p.by.UserID == 0
	})
}

// Approve lets the device in as the user of from, as long as the session of from
// does not end before the device comes for it. Errors: those of Device.
func (m *Pairing) Approve(ctx context.Context, code string, from From) error {
	c, err := m.store.Credential(ctx, from.UserID)
	if err != nil {
		return err
	}
	by, device := Somebody{UserID: from.UserID, Revision: c.Revision, Approver: from.SessionID}, ""
	err = m.decide(from.UserID, code, func(code string) (approved bool) {
		m.devices.change(code, func(p *pairing) {
			if p.by.UserID == 0 {
				p.by, device, approved = by, p.Device, true
			}
		})
		return approved
	})
	if err != nil {
		return err
	}
	return m.store.Audit(ctx, from.record(auditPaired, from.UserID, "device", device))
}

// Refuse ends the device's waiting. Errors: those of Device.
func (m *Pairing) Refuse(user store.ID, code string) error {
	return m.decide(user, code, func(code string) bool {
		_, ok := m.devices.take(code, func(p pairing) bool { return p.by.UserID == 0 })
		return ok
	})
}

// decide counts wrong codes of a user: eight letters are not many.
func (m *Pairing) decide(user store.ID, code string, do func(code string) bool) error {
	tries := "pairing:" + user.String()
	if err := m.limit.try(tries); err != nil {
		return err
	}
	if !do(grouped(code)) {
		return store.Errorf(store.CodeNotFound, "code", "no device shows this code")
	}
	m.limit.succeeded(tries)
	return nil
}
