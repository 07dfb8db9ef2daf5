package registrytest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// version is a version of a subject.
type version struct {
	number, id int
	text       string
	deleted    bool
}

// subject is what a registry has under one name.
type subject struct {
	versions []version
	// level and mode are empty where those of the registry rule.
	level, mode string
}

// living are the versions that are not deleted.
func (s *subject) living() []version {
	if s == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.versions), func(v version) bool { return v.deleted })
}

func numbers(versions []version) []int {
	out := []int{}
	for _, v := range versions {
		out = append(out, v.number)
	}
	return out
}

// failure is an answer that is no success. Without a number it is a plain text.
type failure struct {
	code, number int
	text         string
}

func noSubject(name string) *failure {
	return &failure{http.StatusNotFound, 40401, fmt.Sprintf("Subject '%s' not found.", name)}
}

func noVersion(number string) *failure {
	return &failure{http.StatusNotFound, 40402, fmt.Sprintf("Version %s not found.", number)}
}

var levels = []string{"NONE", "BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE"}

// level is the one that rules for a subject.
func (s *Server) level(name string) string {
	if at := s.subjects[name]; at != nil && at.level != "" {
		return at.level
	}
	return s.global
}

func (s *Server) at(name string) *subject {
	if s.subjects[name] == nil {
		s.subjects[name] = &subject{}
	}
	return s.subjects[name]
}

// id returns the number of a text, which all subjects share.
func (s *Server) id(text string) int {
	key := in(s.manner.same, text)
	if s.product == Apicurio {
		key = in(collapsed, text)
	}
	for i, known := range s.texts {
		if known == key {
			return i + 1
		}
	}
	s.texts = append(s.texts, key)
	return len(s.texts)
}

// find returns the newest version that counts as the same.
func (s *Server) find(name, text string, by form) (version, bool) {
	living := s.subjects[name].living()
	slices.Reverse(living)
	for _, v := range living {
		if in(by, v.text) == in(by, text) {
			return v, true
		}
	}
	return version{}, false
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// register makes a text a version of a subject.
func (s *Server) register(name, text string) (version, *failure) {
	if s.manner.obeys && s.mode(name) != "READWRITE" {
		return version{}, &failure{http.StatusUnprocessableEntity, 42205, fmt.Sprintf("Subject %s in context  is in read-only mode", name)}
	}
	living := s.subjects[name].living()
	if s.manner.takesBlank && len(living) > 0 && blank(living[len(living)-1].text) {
		return version{}, &failure{http.StatusUnprocessableEntity, 42201, "Cannot parse <null> schema"}
	}
	if _, err := parsed(text); err != nil && (!s.manner.takesBlank || !blank(text)) {
		return version{}, &failure{http.StatusUnprocessableEntity, 42201, fmt.Sprintf("Invalid schema of type AVRO, details: %s", err)}
	}
	if v, ok := s.find(name, text, s.manner.same); ok {
		return v, nil
	}
	level := s.level(name)
	if wrong := s.disagreement(name, text, strings.HasSuffix(level, "_TRANSITIVE")); wrong != nil {
		return version{}, &failure{http.StatusConflict, s.manner.incompatible, wrong.refusal(s.product, name, level)}
	}
	at := s.at(name)
	v := version{number: len(at.versions) + 1, id: s.id(text), text: text}
	at.versions = append(at.versions, v)
	return v, nil
}

// disagreement compares a text with the latest version of a subject, or with all.
func (s *Server) disagreement(name, text string, all bool) *disagreement {
	living := s.subjects[name].living()
	slices.Reverse(living)
	if !all && len(living) > 1 {
		living = living[:1]
	}
	return compare(s.level(name), text, living)
}

// remove deletes a subject, softly or for good.
func (s *Server) remove(name string, forGood bool) ([]int, *failure) {
	at := s.subjects[name]
	living := at.living()
	switch {
	case at == nil || len(at.versions) == 0:
		return nil, noSubject(name)
	case forGood && len(living) > 0:
		return nil, &failure{s.manner.hardFirst, 40405, fmt.Sprintf("Subject '%s' was not deleted first before being permanently deleted", name)}
	case forGood:
		delete(s.subjects, name)
		return numbers(at.versions), nil
	case len(living) == 0:
		return nil, &failure{http.StatusNotFound, 40404, fmt.Sprintf("Subject '%s' was soft deleted.Set permanent=true to delete permanently", name)}
	}
	for i := range at.versions {
		at.versions[i].deleted = true
	}
	if s.manner.keepsDeleted {
		return numbers(at.versions), nil
	}
	return numbers(living), nil
}

func (s *Server) mode(name string) string {
	if at := s.subjects[name]; at != nil && at.mode != "" {
		return at.mode
	}
	return "READWRITE"
}
