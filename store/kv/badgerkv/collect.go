package badgerkv

import (
	"time"
)

const (
	collectEvery = 10 * time.Minute

	// collectRatio is the part of a value log file that must be garbage for it
	// to be written anew. Badger's own advice.
	collectRatio = 0.5
)

// collectLoop frees files of the value log. Ours stays empty (part.go), so a
// round is one look at Badger's statistics; a store that was filled with a lower
// inline limit gets its disk back.
func (db *DB) collectLoop() {
	ticker := time.NewTicker(collectEvery)
	defer ticker.Stop()
	for {
		select {
		case <-db.closing:
			return
		case <-ticker.C:
			for db.engine.RunValueLogGC(collectRatio) == nil && !db.isClosing() {
				continue // one call frees one file; an error means there is no more
			}
		}
	}
}

func (db *DB) isClosing() bool {
	select {
	case <-db.closing:
		return true
	default:
		return false
	}
}
