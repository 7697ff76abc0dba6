package token

// Remembered is how many opened tokens are held.
func (t *Tokens) Remembered() int {
	t.opened.mu.Lock()
	defer t.opened.mu.Unlock()
	return len(t.opened.young) + len(t.opened.older)
}
