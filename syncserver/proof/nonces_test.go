package proof_test

import (
	"encoding/base64"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inglenook/syncserver/proof"

	"pgregory.net/rapid"
)

// A nonce is good once, within its life, by a clock that goes as it likes:
// backwards it counts as standing.
func TestNoncesUnderAnyClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type issued struct {
			nonce string
			at    time.Time
			spent bool
		}
		now := time.UnixMilli(rapid.Int64Range(0, 1<<41).Draw(t, "start"))
		high := time.UnixMilli(0) // the latest instant that was seen: the clock is looked at only when it is needed
		see := func() {
			if now.After(high) {
				high = now
			}
		}
		nonces := proof.NewNonces(func() time.Time { return now })
		var all []*issued
		t.Repeat(map[string]func(*rapid.T){
			"clock": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(-90_000, 90_000).Draw(t, "ms")) * time.Millisecond)
			},
			"issue": func(*rapid.T) {
				see()
				all = append(all, &issued{nonce: nonces.Issue(), at: high})
			},
			"spend": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("none")
				}
				n := rapid.SampledFrom(all).Draw(t, "nonce")
				see()
				want := !n.spent && high.Sub(n.at) < proof.NonceLife
				if got := nonces.Spend(n.nonce); got != want {
					t.Fatalf("issued %v ago, spent %v: taken %v", high.Sub(n.at), n.spent, got)
				}
				n.spent = n.spent || want
			},
			"change": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("none")
				}
				raw := []byte(rapid.SampledFrom(all).Draw(t, "nonce").nonce)
				i := rapid.IntRange(0, len(raw)-1).Draw(t, "place")
				raw[i] = rapid.SampledFrom([]byte("AQgw-_09\n=.")).Filter(func(c byte) bool { return c != raw[i] }).Draw(t, "character")
				if nonces.Spend(string(raw)) {
					t.Fatalf("%q was never issued", raw)
				}
			},
		})
	})
}

// The last millisecond counts, wherever in a second the nonce was issued.
func TestEdgesOfANoncesLife(t *testing.T) {
	for _, offset := range []int64{0, 1, 500, 999} {
		now := time.UnixMilli(1_000_000 + offset)
		nonces := proof.NewNonces(func() time.Time { return now })
		inTime, late := nonces.Issue(), nonces.Issue()
		now = now.Add(proof.NonceLife - time.Millisecond)
		if !nonces.Spend(inTime) {
			t.Errorf("offset %d: not taken in its last millisecond", offset)
		}
		now = now.Add(time.Millisecond)
		if nonces.Spend(late) {
			t.Errorf("offset %d: taken after its life", offset)
		}
	}
}

func TestNoncesOfAnEarlierStartAreStale(t *testing.T) {
	now := func() time.Time { return time.UnixMilli(1_000_000) }
	if proof.NewNonces(now).Spend(proof.NewNonces(now).Issue()) {
		t.Error("taken")
	}
}

func TestWhatIsNoNonce(t *testing.T) {
	nonces := proof.NewNonces(func() time.Time { return time.UnixMilli(1_000_000) })
	good := nonces.Issue()
	for _, bad := range []string{
		"", "n", good[:42], good + "A", good + "=", " " + good, good[:20] + "\n" + good[20:], strings.Repeat("A", 43),
		base64.RawURLEncoding.EncodeToString(make([]byte, 32)), good + "." + good,
	} {
		if nonces.Spend(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
	if !nonces.Spend(good) {
		t.Error("a good one is not taken after all that")
	}
}

// Of all who spend the same nonce at once, one does.
func TestSpendAtOnce(t *testing.T) {
	nonces := proof.NewNonces(func() time.Time { return time.UnixMilli(1_000_000) })
	for range 200 {
		nonce := nonces.Issue()
		var taken atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				nonces.Issue()
				if nonces.Spend(nonce) {
					taken.Add(1)
				}
			})
		}
		group.Wait()
		if taken.Load() != 1 {
			t.Fatalf("taken %d times", taken.Load())
		}
	}
}

// What is forgotten to bound the memory does not become good again, and the
// next nonce is good, even when they all come in one second.
func TestAFloodIsBounded(t *testing.T) {
	const flood = 70_000 // more than are remembered
	now := time.UnixMilli(1_000_000)
	nonces := proof.NewNonces(func() time.Time { return now })
	spent := make([]string, 0, flood)
	for range flood {
		nonce := nonces.Issue()
		if !nonces.Spend(nonce) {
			nonce = nonces.Issue() // its second was given up: the next is good
			if !nonces.Spend(nonce) {
				t.Fatal("nobody gets in any more")
			}
		}
		spent = append(spent, nonce)
	}
	for _, nonce := range spent {
		if nonces.Spend(nonce) {
			t.Fatal("spent twice")
		}
	}
	if n := nonces.Remembered(); n > 1<<16 {
		t.Errorf("%d are remembered", n)
	}
	now = now.Add(2 * proof.NonceLife)
	if nonces.Spend(spent[0]) || nonces.Remembered() != 0 {
		t.Errorf("%d are remembered after their life", nonces.Remembered())
	}
}
