// Package store is the vocabulary of Inglenook: entities, replacements, the
// merge rule, events and cursors, free of any engine or framework.
//
// # The model
//
// An [Entity] is one thing of the household: a list, an item, a note. It is
// either living, with fields, or a tombstone. Deleting replaces the living
// entity by a tombstone of the same id, restoring replaces the tombstone by a
// living entity. Nothing else ever happens to an entity.
//
// A [Replacement] is what a device asks for: this entity, written by somebody
// who had last seen the event [Replacement.Base], meaning to change these
// fields. The server decides what becomes of it with [Merge] and writes the
// result as part of an [Event]. Events are numbered consecutively within an
// [Epoch]; a [Cursor] names the last one somebody has seen.
//
// # Invariants
//
//   - Every entity, whole, is the content of exactly one event: its newest.
//   - Event ids are consecutive and allocated in the transaction that writes
//     the event, so what is visible is always a prefix of the line.
//   - Merge is pure: the same versions and the same replacement give the same
//     result on every machine.
//   - What a replacement wanted and did not get is kept, with its author, in
//     the history ([Superseded]).
//   - Unknown kinds and unknown fields are kept and passed on.
package store
