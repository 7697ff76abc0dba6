package machine

// message is a request or a response on its way. A response that tells the
// client nothing it acts on is not kept.
type message struct {
	kind   parcel
	rank   rank // shown, or handed out
	proof  bool
	claim  bool // its claim is still the open one, not one of an earlier head
	stray  bool // whoever waited for the answer is gone
	marked bool // on its way since the last mark
}

// parcel is what a message is.
type parcel uint8

const (
	nothing parcel = iota
	ordinary
	recovery
	claimedRecovery
	rebinding
	touching  // with an access token
	handed    // a response with the value of a generation
	claimOpen // a response with the id of a claim
)

func (k parcel) request() bool { return k >= ordinary && k <= touching }

var requests = map[parcel]Request{
	ordinary: Ordinary, recovery: Recover, claimedRecovery: RecoverClaimed, rebinding: Rebind,
	touching: Touch,
}

func (k parcel) sends() string {
	return [...]string{
		ordinary: "the client sends a request", recovery: "the client recovers",
		claimedRecovery: "the client comes with its claim", rebinding: "the client sends a new key",
		touching: "the client sends an access token",
	}[k]
}

func (k parcel) arrives() string {
	return [...]string{
		ordinary: "a request arrives", recovery: "a recovery arrives",
		claimedRecovery: "a claim arrives", rebinding: "a new key arrives",
		touching: "an access token arrives",
	}[k]
}

func (k parcel) gets() string {
	return [...]string{handed: "the client gets a value", claimOpen: "the client gets a claim"}[k]
}

// order gives the two messages on the wire, which have no order, one.
func (m message) order() int {
	n := int(m.kind)<<8 | int(m.rank)<<4
	for i, flag := range [...]bool{m.proof, m.claim, m.stray, m.marked} {
		if flag {
			n |= 1 << i
		}
	}
	return n
}
