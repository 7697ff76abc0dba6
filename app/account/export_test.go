package account

// OpenWatched is Open; after is called after each step of a change of the folder.
func OpenWatched(dir string, k Keyring, after func()) (*Keeper, error) {
	return open(folder{path: dir, after: after}, k)
}

// Patience is how long a call of the keyring may take.
const Patience = patience
