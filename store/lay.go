package store

// Lay returns e with the units as they are in from: what somebody means to
// change, laid over what is there by now. Neither entity is changed.
func Lay(e, from Entity, units []string, rule func(string) Rule) Entity {
	laid := e.Clone()
	for _, unit := range units {
		set(&laid, unit, Get(from, unit, rule), rule)
	}
	laid.UpdatedAt = max(e.UpdatedAt, from.UpdatedAt)
	return laid
}
