package bridge

import (
	"errors"

	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// problem turns an error into an answer. What a server answered keeps its
// status.
func problem(err error) (int, []byte) {
	p := api.ProblemOf(err)
	var answered *client.Problem
	if errors.As(err, &answered) {
		p = answered.Problem
	}
	return p.Status, p.JSON()
}
