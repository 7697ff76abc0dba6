package syncserver_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/httpapi"
	"inglenook/syncserver/servertest"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"
)

// What SECURITY.md promises in numbers is what the program does.
func TestNumbersOfSecurity(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna := s.User(t, "Anna").ID
	if err := s.Methods().Password.Set(t.Context(), anna, "correct horse battery", auth.From{}); err != nil {
		t.Fatal(err)
	}
	credential, err := s.Store().Credential(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	var version, memory, passes, lanes int
	if _, err := fmt.Sscanf(credential.Of(household.MethodPassword).PasswordHash, "$argon2id$v=%d$m=%d,t=%d,p=%d$", &version, &memory, &passes, &lanes); err != nil {
		t.Fatal(err)
	}
	timers := session.DefaultTimers()
	want := map[string]string{
		"Rotation of a bound session":                        span(timers.RotateBound),
		"Rotation of a session without a key":                span(timers.RotateBearer),
		"Overlap of two values":                              span(timers.Overlap),
		"Grace for a proof":                                  span(timers.ProofGrace),
		"Idle, absolute: browser":                            spans(timers.Browser),
		"Idle, absolute: desktop":                            spans(timers.Desktop),
		"Idle, absolute: without a key":                      spans(timers.Bearer),
		"Access token":                                       span(timers.AccessToken),
		"A proof of who one is holds (step-up)":              span(timers.StepUp),
		"An identity without an account is kept":             span(timers.Pending),
		"An ended session is kept":                           span(timers.KeptEnded),
		"Audit records are kept":                             span(household.KeptAudit),
		"Streams of a session":                               fmt.Sprint(httpapi.DefaultSessionStreams),
		"Tries for a name from one network":                  tries(auth.FreeTries, auth.LongestWait),
		"Tries for a name from all networks but its owner's": tries(auth.FreeTriesEverywhere, auth.LongestWaitEverywhere),
		"Tries from one address":                             tries(auth.FreeTriesAddress, auth.LongestWait),
		"Writes of an identity without an account":           fmt.Sprintf("%d an hour", auth.PendingWrites),
		"Connections, from one address":                      fmt.Sprintf("%d, %d", syncserver.MaxConnections, syncserver.MaxConnectionsFrom),
		"Password, characters":                               fmt.Sprintf("%d to %d", auth.MinPassword, auth.MaxPassword),
		"Password hash":                                      fmt.Sprintf("argon2id, m=%d KiB, t=%d, p=%d", memory, passes, lanes),
		"JSON, levels":                                       fmt.Sprint(store.MaxDepth),
		"A batch of changes":                                 fmt.Sprintf("%d MiB", store.MaxBatchBytes>>20),
	}
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| --- | --- |\n")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 2 {
			break
		}
		rows++
		if want[cells[0]] != cells[1] {
			t.Errorf("%s: SECURITY.md says %q, the program %q", cells[0], cells[1], want[cells[0]])
		}
	}
	if rows != len(want) {
		t.Errorf("%d rows for %d numbers", rows, len(want))
	}
}

func tries(free int, longest time.Duration) string {
	return fmt.Sprintf("%d free, then up to %s apart", free, span(longest))
}

func spans(l machine.Limits) string { return span(l.Idle) + ", " + span(l.Absolute) }

func span(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 0 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", days)
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = strings.TrimSuffix(text, zero[1:])
		}
	}
	return text
}
