#!/usr/bin/env bash
# Library: github.com/hashicorp/go-retryablehttp 0.7.8, its two ways to pause: DefaultBackoff and LinearJitterBackoff.
# Input: an answer 429 or 503 that asks for a pause with Retry-After, in seconds or as a date, and a longest pause (RetryWaitMax) of
#   30 seconds.
# Behaviour: DefaultBackoff pauses as long as it was asked to, whatever the longest pause is: an hour, or until a date in years.
#   LinearJitterBackoff does not look at the header. Neither reads it on a 502.
# Seen: "Retry-After 3600: DefaultBackoff 1h0m0s on 429, 1s on 502", "a date in a year: more than 8000h",
#   "LinearJitterBackoff: at most 30s".
# What follows: the provider gives up where the pause would be longer than it can wait
#   (internal/rest/retry.go, bearable; TestDo).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const shortest, longest = time.Second, 30 * time.Second

func answer(code int, after string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{"Retry-After": {after}}}
}

func main() {
	asked := retryablehttp.DefaultBackoff(shortest, longest, 0, answer(429, "3600"))
	unread := retryablehttp.DefaultBackoff(shortest, longest, 0, answer(502, "3600"))
	fmt.Printf("Retry-After 3600: DefaultBackoff %s on 429, %s on 502\n", asked, unread)
	date := time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat)
	year := retryablehttp.DefaultBackoff(shortest, longest, 0, answer(503, date))
	if year > 8000*time.Hour {
		fmt.Println("a date in a year: more than 8000h")
	}
	jitter := retryablehttp.LinearJitterBackoff(shortest, longest, 0, answer(429, "3600"))
	if jitter <= longest {
		fmt.Println("LinearJitterBackoff: at most 30s")
	}
	if asked != time.Hour || unread != time.Second || year <= 8000*time.Hour || jitter > longest {
		fmt.Println("CHANGED: a pause is bounded, or the header is read elsewhere")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/hashicorp/go-retryablehttp@v0.7.8 >/dev/null 2>&1
go run .
