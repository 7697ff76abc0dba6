package auth

// Stranger counts a session value nobody was given against a network address.
// Whoever guesses waits longer and longer; a value that is right is never asked
// about. Errors: store.CodeRateLimited.
func (m *Methods) Stranger(address string) error { return m.strangers.try(addressKey(address)) }
