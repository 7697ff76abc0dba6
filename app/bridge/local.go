package bridge

import (
	"net/http"
	"strconv"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"
)

func (b *Bridge) getStatus(r *http.Request) (any, error) { return b.cfg.Device.Status(r.Context()) }

func (b *Bridge) postStart(r *http.Request) (any, error) {
	var in api.Start
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return nil, b.cfg.Device.Start(r.Context(), in)
}

func (b *Bridge) postMethods(r *http.Request) (any, error) {
	var in api.Address
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return b.cfg.Device.Methods(r.Context(), in.URL)
}

func (b *Bridge) postJoin(r *http.Request) (any, error) {
	var in api.Join
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return nil, b.cfg.Device.Join(r.Context(), in)
}

func (b *Bridge) postLeave(r *http.Request) (any, error) {
	var in api.Leave
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return nil, b.cfg.Device.Leave(r.Context(), in.Discard)
}

func (b *Bridge) postBegin(r *http.Request) (any, error) {
	var in api.Beginning
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return b.cfg.Device.Begin(r.Context(), in)
}

func (b *Bridge) getSignin(*http.Request) (any, error) { return b.cfg.Device.Signin(), nil }

func (b *Bridge) deleteSignin(*http.Request) (any, error) {
	b.cfg.Device.EndSignin()
	return nil, nil
}

func (b *Bridge) getPeople(r *http.Request) (any, error) { return b.cfg.Device.People(r.Context()) }

func (b *Bridge) postPeople(r *http.Request) (any, error) {
	var in api.Switch
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return nil, b.cfg.Device.Switch(r.Context(), in.ID)
}

func (b *Bridge) postSync(_ *http.Request, at *replica.Replica) (any, error) {
	at.SyncNow()
	return nil, nil
}

func (b *Bridge) getParked(r *http.Request, at *replica.Replica) (any, error) {
	parked, err := at.Device().Parked(r.Context())
	out := make([]api.Parked, len(parked))
	for i, p := range parked {
		out[i] = api.Parked{
			Seq: p.Seq, At: p.At, Replacement: p.Replacement, Code: p.Code, Message: p.Message, Field: p.Field,
		}
	}
	return out, err
}

func (b *Bridge) postParked(r *http.Request, at *replica.Replica) (any, error) {
	seq, err := sequence(r)
	if err != nil {
		return nil, err
	}
	return nil, at.Retry(r.Context(), seq)
}

func (b *Bridge) deleteParked(r *http.Request, at *replica.Replica) (any, error) {
	seq, err := sequence(r)
	if err != nil {
		return nil, err
	}
	return nil, at.Discard(r.Context(), seq)
}

func sequence(r *http.Request) (uint64, error) {
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 53)
	if err != nil || seq == 0 {
		return 0, store.Errorf(store.CodeInvalid, "seq", "is a whole number from 1 to 2^53−1")
	}
	return seq, nil
}
