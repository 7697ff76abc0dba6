package token

import "crypto/sha256"

// Remembered is how many opened tokens are held.
func (t *Tokens) Remembered() int {
	t.opened.mu.Lock()
	defer t.opened.mu.Unlock()
	return len(t.opened.young) + len(t.opened.older)
}

// Remembers tells whether a token is held, without using it.
func (t *Tokens) Remembers(token string) bool {
	sum := sha256.Sum256([]byte(token))
	t.opened.mu.Lock()
	defer t.opened.mu.Unlock()
	_, young := t.opened.young[sum]
	_, older := t.opened.older[sum]
	return young || older
}
