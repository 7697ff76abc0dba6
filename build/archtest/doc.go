// Package archtest proves the rules of the architecture: who may import whom,
// what a file may hold, what a program may link. Each rule stands in a table
// with its reason and with a small tree that breaks it, so that a rule which
// can no longer fail fails itself.
package archtest
