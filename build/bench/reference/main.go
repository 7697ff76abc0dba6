// Command reference is the yardstick of the benchmark: values over Gin and
// Badger with grouped synced commits, NDJSON and SSE, and nothing else. It has
// no accounts, no merge and no rules.
//
// Usage: reference DIR. It prints one line, listening on http://…, and ends
// with SIGTERM.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: reference DIR")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(dir string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the server
	if err != nil {
		return err
	}
	l, err := openLog(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	server := &http.Server{Handler: routes(l)} //nolint:gosec // on loopback, for the benchmark
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Printf("listening on http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
