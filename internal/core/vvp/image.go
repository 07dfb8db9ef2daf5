package vvp

import (
	"errors"
	"strings"
)

// dockerHub is the registry of an image that names none, and dockerLibrary the folder of
// one that has no other there (https://github.com/distribution/reference).
const (
	dockerHub     = "docker.io"
	dockerLibrary = "library/"
)

// image is a container image as an artifact has it.
type image struct{ registry, repository, tag string }

// imageOf reads an image. Its error says what the platform has no field for.
func imageOf(text string) (image, error) {
	if strings.Contains(text, "@") {
		return image{}, errors.New("it has a digest, and the platform takes a registry, a repository and a tag")
	}
	at := strings.LastIndex(text, ":")
	if at < 0 || strings.Contains(text[at:], "/") || at == len(text)-1 {
		return image{}, errors.New("it has no tag, and the platform takes that of its own image then")
	}
	out := image{registry: dockerHub, repository: text[:at], tag: text[at+1:]}
	first, rest, nested := strings.Cut(out.repository, "/")
	switch {
	case nested && (strings.ContainsAny(first, ".:") || first == "localhost"):
		out.registry, out.repository = first, rest
	case !nested:
		out.repository = dockerLibrary + out.repository
	}
	if out.repository == "" || out.repository == dockerLibrary {
		return image{}, errors.New("it has no repository")
	}
	return out, nil
}

// String returns the image as imageOf reads it, in its shortest form; empty where a part
// is missing.
func (i image) String() string {
	switch {
	case i.repository == "" || i.tag == "":
		return ""
	case i.registry == dockerHub:
		return strings.TrimPrefix(i.repository, dockerLibrary) + ":" + i.tag
	case i.registry == "":
		return i.repository + ":" + i.tag
	}
	return i.registry + "/" + i.repository + ":" + i.tag
}
