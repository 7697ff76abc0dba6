// Package machine is the life of a device session as one pure function, [Timers.Next].
//
// # The table
//
// h is the head, the newest generation; b the one before it. "Due" is from
// RotatesAt on, "in use" is shown at least once. A session is bound when it has
// a device key. Every 401 of an active bound session gives a nonce. An instant
// that lies further in the time to come than any can was left by a clock that
// was ahead: then a rotation is due and past its grace, b has expired, and a
// claim is void.
//
//	 #  situation                                     what happens                        answer
//	 1  no value                                      -                                   200 if public, else 401 session-missing
//	 2  unknown or forged value                       counted against the address         401 session-invalid
//	 3  sign-in; a key is proven in the same call     generation 1; the client's earlier  200 + value
//	                                                  session ends as replaced
//	 4  h, not due                                    first use, late use, visits noted   2xx
//	 5  h, due; bearer-only, or with proof            as 4; successor, h expires in 10 s  2xx + successor, rotated
//	 6  h, due, bound, no proof, within the grace     as 4                                2xx + nonce, rotate-due
//	 7  the same, past the grace                      -                                   401 session-proof-required
//	 8  b, not expired                                visits noted                        2xx; + h while unused (bound: with proof)
//	 9  b, expired or recovering, h unused,           -                                   401 session-superseded + h
//	    bearer-only
//	10  any other older one, ordinary or sign-out     -                                   401 session-superseded
//	11  recover, bearer-only, step 1                  claim opened, or the same again;    401 session-claim-open
//	                                                  another generation's has its turn
//	12  step 2 after the delay, no later one          successor, or h while unused;       200 + value
//	    used late                                     the claim ends; maybe-taken
//	13  step 2, claim void or of another generation   -                                   401 session-superseded
//	14  step 2, a later one used late                 ends as taken; told everywhere      401 session-taken
//	15  recover, bound, with proof                    h while unused, else a successor    200 + value
//	16  recover, bound, proof stale                   -                                   401 session-proof-required
//	    no proof, or a bad one                        counted to 100; told at 1, 10, 100  401 session-denied
//	17  idle or absolute limit                        ends as expired                     401 session-expired
//	18  sign-out (bound: with proof), or ended by     ends; streams close                 204; then 401 session-ended,
//	    somebody else                                                                     -taken or -expired, for ever
//	19  access changes                                AccessRev + 1                       event: session on every stream
//	20  key lost, any generation                      -                                   401 session-reverify
//	    a factor succeeds, the new key is proven      bound to it; told everywhere;       200 + value
//	                                                  h while unused, else a successor
//	21  a generation later than h, bearer-only        ends as restored                    401 session-ended
//	    bound, no proof                               -                                   401 session-proof-required
//	    bound, with proof                             adopted as h                        2xx
//
// What follows from its rows: showing h to recover is an ordinary request; step
// 2 before its time is answered like step 1; a claim is void as soon as the
// head moves, so its id is the head it was opened against. An access token of h
// or, until it expires, of b is served as in rows 4, 6 and 8, and hands out and
// moves nothing; past the grace it is answered as in row 7 whatever its proof,
// which is for the value to bring, and one of any other generation as in row 10.
// A stream stands as long as such a token does ([Timers.Standing]).
//
// # Why some rows say more than one would think of first
//
// The checker (checker_test.go) walks through every state that a client, a
// network, crashes and a thief lead to, and refuses each of the rows that say
// less:
//
//   - Late use is late after 90 s, not 60 ([Timers.Rollback]): a stray request
//     of a client that crashed shows the head for the first time; the answer
//     that hands the same head to the restarted client comes 30 s later; that
//     one crashes, 30 s later, before its jar is flushed; and what it has sent
//     arrives after another 30 s.
//   - Row 12 hands the head out again while it is unused: after a recovery
//     whose answer was lost there would be two unused heads.
//   - Row 18 needs a proof of a bound session: else a thief signs the owner out
//     as long as the copied value holds.
//   - Row 20 is for any generation: a client that lost its key together with an
//     answer could neither recover nor rebind.
//   - Every 401 gives a nonce and row 16 tells stale from bad: a client that
//     slept between refusal and proof would be reported as its own thief.
//
// And by thinking only:
//
//   - A generation older than those that are kept may still be shown after
//     several crashes in a row. State.UsedLate answers for it.
//   - Two tabs that recover at once get the same claim: else they could keep
//     each other waiting. One of another generation waits for its turn, which is
//     two delays: else whoever shows two old values in turn would have none
//     judged, and would write with each.
//   - A refused recovery is written a hundred times and not once more: an old
//     value is good for that for as long as the session lives.
//
// # What it relies on
//
// With a key nothing is judged, and nothing depends on how long anything takes.
// Without one, row 14 judges, and counts on this: a request or its answer is
// lost after 30 s, so are the requests of a client that has crashed, and a
// running browser flushes its cookies within 30 s. A device that goes to sleep
// before that flush and dies right after it wakes may find its own session
// judged as taken. The claim is for what is late beyond that: a recovery in one
// step that a sleeping device held back for hours would be judged when it
// arrives; the second step asks whether the client still means it.
//
// Without a key, a thief who shows the value as the owner does, or is handed
// the unused head as the owner is, cannot be told from a lost answer. Once he
// has used a generation that the owner never had, the owner is told at the next
// request after the overlap.
package machine
