// Package badgerkv is the embedded engine behind store/kv: Badger, with one
// committer, values kept inline, and write-sets of any size.
//
// # A group
//
// Update hands its function to the committer ([DB.commitLoop]). The committer
// takes all that wait, runs each over the group's overlay, where a function that
// fails takes back what it wrote, writes the overlay as one synced Badger
// transaction, publishes a new snapshot, runs the after-commit hooks in order
// and answers everybody. While it waits for the disk the next group collects, so
// a lone writer never waits for company and 64 writers share their syncs.
//
// # What Badger does not do
//
//   - A transaction that begins waits for every commit under way. View
//     therefore borrows the snapshot published after the last whole group and
//     never waits for a sync (snapshot.go).
//   - A transaction holds at most 15 % of a memtable. Larger write-sets are
//     first written down as an intent, which is applied piece by piece and
//     finished at Open after a crash (intent.go).
//   - Errors of syncing or reading the value log are only logged. No value
//     reaches it: large ones are kept in parts (part.go).
//   - After a failed sync the memtable shows what may not be on disk. A failed
//     commit ends writing until the store is opened again.
//
// # Keys
//
// Keys that begin with 0x00 are the engine's own: 0x00 "part/" and
// 0x00 "intent/". Badger keeps "!badger!" for itself.
package badgerkv
