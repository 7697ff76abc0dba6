package bridge

import "inglenook/syncserver/client"

// problem turns an error into an answer. What a server answered keeps its
// status.
func problem(err error) Answer {
	p := client.ProblemOf(err)
	return Answer{Status: p.Status, Body: p.JSON()}
}
