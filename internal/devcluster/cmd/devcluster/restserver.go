package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// violations returns what was asked or answered against a vendor's file since the last call.
type violations func() []string

// serveREST runs the stand-in of a server with a REST API until the context or the input ends. It prints its endpoint, and
// answers the command check.
func serveREST(ctx context.Context, standin http.Handler, found violations, input io.Reader, output io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: standin, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer server.Close()

	out := json.NewEncoder(output)
	if err := out.Encode(map[string]string{"endpoint": "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	commands := make(chan string)
	go func() {
		defer close(commands)
		for lines := bufio.NewScanner(input); lines.Scan(); {
			commands <- lines.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return err
		case command, open := <-commands:
			if !open {
				return nil
			}
			result := answer{Command: command, OK: true}
			if err := check(command, found); err != nil {
				result.OK, result.Error = false, err.Error()
			}
			if err := out.Encode(result); err != nil {
				return err
			}
		}
	}
}

// check carries out the one command that there is.
func check(command string, found violations) error {
	if command != "check" {
		return fmt.Errorf("unknown command %q", command)
	}
	if all := found(); len(all) > 0 {
		return errors.New(strings.Join(all, "\n"))
	}
	return nil
}
