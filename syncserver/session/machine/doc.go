// Package machine is the life of a device session as one pure function.
package machine
