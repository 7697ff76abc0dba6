package proof

// Remembered is how many spent nonces are held.
func (n *Nonces) Remembered() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	held := 0
	for _, second := range n.spent {
		held += len(second)
	}
	return held
}
