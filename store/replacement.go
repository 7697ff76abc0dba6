package store

// Replacement is what a device asks for: this entity in place of the one it
// last saw.
//
// Base is the event id at which the device last saw the entity confirmed, 0 for
// a new one. Changed names the fields it means to change, one level into maps
// ("title", "participants/42"); nil means all.
type Replacement struct {
	Kind    Kind     `json:"kind"`
	Entity  Entity   `json:"entity"`
	Base    EventID  `json:"base"`
	Changed []string `json:"changed,omitempty"`
}

// Ref names the entity that is replaced.
func (r Replacement) Ref() Ref { return Ref{r.Kind, r.Entity.ID} }

// Limits of one batch.
const (
	MaxBatch      = 1000    // replacements
	MaxBatchBytes = 4 << 20 // bytes of JSON
	MaxChanged    = 1024    // names in Replacement.Changed
)

// Batch is what a device pushes in one request, and the server takes in one
// transaction and one event. (Replica, Seq) makes repeating it safe: Replica is
// the device's random number, Seq counts its batches from 1. Act joins several
// batches into one thing a person did, an import for example.
type Batch struct {
	Replica      ID            `json:"replica"`
	Seq          uint64        `json:"seq"`
	Act          string        `json:"act,omitempty"`
	Replacements []Replacement `json:"replacements"`
}

// Status says what became of a replacement.
type Status string

// The statuses of a replacement.
const (
	Applied  Status = "applied"  // taken as it came
	Merged   Status = "merged"   // taken together with what others did; Entity says the outcome
	Held     Status = "held"     // waits for an admin
	Rejected Status = "rejected" // not taken; Code, Message and Field say why
)

// Result answers one replacement of a batch.
type Result struct {
	Status  Status  `json:"status"`
	Entity  *Entity `json:"entity,omitempty"`
	Code    Code    `json:"code,omitempty"`
	Message string  `json:"message,omitempty"`
	Field   string  `json:"field,omitempty"`
}

// BatchResult answers a batch: one result per replacement, in order, and the
// event that holds what was taken; Event.ID is 0 when nothing was.
type BatchResult struct {
	Event   Cursor   `json:"event"`
	Results []Result `json:"results"`
}
