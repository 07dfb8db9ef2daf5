package operator

import (
	"regexp"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// account is what a message tells about a failure, each thing once: the
// operator, the pods and their events repeat one another.
type account struct {
	told  []string
	lines []string
}

// accountAfter begins an account for a reader who knows some things already.
func accountAfter(told ...string) *account {
	a := &account{}
	for _, text := range told {
		a.knows(text)
	}
	return a
}

// add tells what somebody says, unless that has been told.
func (a *account) add(who, what string) {
	if a.knows(what) {
		a.lines = append(a.lines, line(who, what))
	}
}

// knows takes note of a text, and tells whether it has anything new: it is not
// part of another one, nor mostly made of one.
func (a *account) knows(text string) bool {
	text = strings.Join(strings.Fields(flink.PlainException(text)), " ")
	news := essence(text)
	if news == "" {
		return false
	}
	for _, before := range a.told {
		core := essence(before)
		if strings.Contains(before, news) || strings.Contains(news, core) && 2*len(core) >= len(news) {
			return false
		}
	}
	a.told = append(a.told, text)
	return true
}

func (a *account) String() string { return strings.Join(a.lines, "\n") }

// label matches what stands in front of one and the same message: a reason, how
// often it came, and the name of a container.
var label = regexp.MustCompile(`^(?:\[[\w-]+\] |[A-Z]\w*(?: \(\d+ times\))?: )`)

// essence returns a text without its labels.
func essence(text string) string {
	for {
		loc := label.FindStringIndex(text)
		if loc == nil {
			return strings.TrimRight(text, ".…")
		}
		text = text[loc[1]:]
	}
}
