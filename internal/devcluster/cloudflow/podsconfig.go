package cloudflow

import (
	"encoding/json"
	"regexp"
	"strings"
)

// pod is the configuration of the pods of a streamlet (CloudflowConfig.Pod).
type pod struct {
	Labels      map[string]string    `json:"labels"`
	Annotations map[string]string    `json:"annotations"`
	Volumes     map[string]volume    `json:"volumes"`
	Containers  map[string]container `json:"containers"`
}

type volume struct {
	Secret *struct {
		Name string `json:"name"`
	} `json:"secret"`
	ConfigMap *struct {
		Name     string `json:"name"`
		Optional bool   `json:"optional"`
		Items    map[string]struct {
			Path string `json:"path"`
		} `json:"items"`
	} `json:"config-map"`
	Claim *struct {
		Name     string `json:"name"`
		ReadOnly bool   `json:"read-only"`
	} `json:"pvc"`
}

func (v volume) object(name string) object {
	switch {
	case v.Secret != nil:
		return object{"name": name, "secret": object{"secretName": v.Secret.Name}}
	case v.ConfigMap != nil:
		items := []any{}
		for key, item := range v.ConfigMap.Items {
			items = append(items, object{"key": key, "path": item.Path})
		}
		return object{"name": name, "configMap": object{"name": v.ConfigMap.Name, "optional": v.ConfigMap.Optional, "items": items}}
	case v.Claim != nil:
		return object{"name": name, "persistentVolumeClaim": object{"claimName": v.Claim.Name, "readOnly": v.Claim.ReadOnly}}
	}
	return object{"name": name}
}

type container struct {
	Env []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"env"`
	Ports []struct {
		Port     int    `json:"container-port"`
		Protocol string `json:"protocol"`
		Name     string `json:"name"`
		HostIP   string `json:"host-ip"`
		HostPort int    `json:"host-port"`
	} `json:"ports"`
	Resources struct {
		Requests amounts `json:"requests"`
		Limits   amounts `json:"limits"`
	} `json:"resources"`
	Mounts map[string]struct {
		Path     string `json:"mount-path"`
		ReadOnly *bool  `json:"read-only"`
		SubPath  string `json:"subPath"`
	} `json:"volume-mounts"`
}

type amounts struct {
	Memory string `json:"memory"`
	CPU    string `json:"cpu"`
}

func (a amounts) object() object {
	out := object{}
	for name, value := range map[string]string{"memory": a.Memory, "cpu": a.CPU} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// strictly decodes a text without keys that nobody knows.
func strictly(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

var (
	keyPrefix = regexp.MustCompile(`^[a-z0-9.]{1,253}$`)
	keyName   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$`)
)

// validKey tells whether Cloudflow takes the key of a label or an annotation.
func validKey(key string) bool {
	prefix, name, prefixed := strings.Cut(key, "/")
	if !prefixed {
		return keyName.MatchString(key)
	}
	return keyPrefix.MatchString(prefix) && (prefix[0] < '0' || prefix[0] > '9') && keyName.MatchString(name)
}
