package store

// EventID numbers events from 1, consecutively, within an epoch; at most
// 2^53−1, as it is a JSON number.
type EventID uint64

// SessionID identifies the device session that wrote something.
type SessionID uint64

// Author is who wrote an event, and from which of their devices.
type Author struct {
	UserID    ID        `json:"userId"`
	SessionID SessionID `json:"sessionId"`
}

// Change is one entity of an event or a snapshot, whole. Event is the event the
// entity is from, 0 for the one it comes with.
type Change struct {
	Kind   Kind    `json:"kind"`
	Entity Entity  `json:"entity"`
	Event  EventID `json:"event,omitzero"`
}

// Forget names what a session may no longer see.
type Forget struct {
	Kind Kind `json:"kind"`
	IDs  []ID `json:"ids"`
}

// Event is what one accepted batch changed.
type Event struct {
	ID           EventID   `json:"id,omitzero"`
	By           Author    `json:"by"`
	At           Timestamp `json:"at"` // the server's clock
	Act          string    `json:"act,omitempty"`
	Replacements []Change  `json:"replacements"`
	Forget       []Forget  `json:"forget,omitempty"`
}
