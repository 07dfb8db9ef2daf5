package flink

import (
	"slices"
	"strconv"
)

// UnknownFields returns the paths of what a live specification says and a
// DeploymentSpec has no field for, sorted. Nulls and empty objects and lists say
// nothing. What is inside of documents is all known.
func UnknownFields(spec Tree) ([]Path, error) {
	typed, err := SpecOf(spec)
	if err != nil {
		return nil, err
	}
	known, err := TreeOf(typed)
	if err != nil {
		return nil, err
	}
	var unknown []Path
	collectUnknown(spec, known, nil, &unknown)
	slices.SortFunc(unknown, Path.Compare)
	return unknown, nil
}

func collectUnknown(live, known map[string]any, at Path, unknown *[]Path) {
	for key, value := range live {
		path := append(slices.Clip(at), key)
		if key == "flinkConfiguration" || IsDocument(key) || isEmpty(value) {
			continue
		}
		counterpart, has := known[key]
		if !has {
			*unknown = append(*unknown, path)
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			inner, _ := counterpart.(map[string]any)
			collectUnknown(value, inner, path, unknown)
		case []any:
			elements, _ := counterpart.([]any)
			for i := range min(len(value), len(elements)) {
				object, isObject := value[i].(map[string]any)
				inner, _ := elements[i].(map[string]any)
				if isObject {
					collectUnknown(object, inner, append(slices.Clip(path), strconv.Itoa(i)), unknown)
				}
			}
		}
	}
}

func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return false
}
