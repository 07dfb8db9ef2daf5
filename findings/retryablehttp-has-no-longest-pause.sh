#!/usr/bin/env bash
# Library: github.com/hashicorp/go-retryablehttp 0.7.8, DefaultBackoff, which a client has, and LinearJitterBackoff.
# Input: an answer 429 or 503 that asks for a pause with Retry-After, in seconds or as a date, and a longest pause (RetryWaitMax) of
#   30 seconds.
# Behaviour: DefaultBackoff pauses as long as it was asked to, whatever the longest pause is: an hour, or until a date in years.
#   LinearJitterBackoff does not look at the header, and multiplies a random pause by the number of the attempt: the longest pause is
#   no bound for it either. Neither reads the header on a 502.
# Seen: "Retry-After 3600: DefaultBackoff 1h0m0s on 429, 1s on 502", "a date in a year: more than 8000h",
#   "LinearJitterBackoff: at most 30s in the first pause, more in the tenth".
# What follows: the provider gives up where the pause would be longer than it can wait
#   (internal/rest/retry.go, bearable; TestDo).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
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
	first := retryablehttp.LinearJitterBackoff(shortest, longest, 0, answer(429, "3600"))
	tenth := retryablehttp.LinearJitterBackoff(29*time.Second, longest, 9, answer(429, "3600"))
	if first <= longest && tenth > longest {
		fmt.Println("LinearJitterBackoff: at most 30s in the first pause, more in the tenth")
	}
	if asked != time.Hour || unread != time.Second || year <= 8000*time.Hour || first > longest || tenth <= longest {
		fmt.Println("CHANGED: a pause is bounded, or the header is read elsewhere")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/hashicorp/go-retryablehttp@v0.7.8
prepare go build -o finding .
look ./finding
