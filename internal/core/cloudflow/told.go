package cloudflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Told is what an application document tells a streamlet, as far as Cloudflow wants to know it.
type Told struct {
	App, Streamlet string
	// Ports are sorted by name.
	Ports  []Port
	Config map[string]string
	// Bootstrap and Protocol say how to reach the brokers; empty without topics.
	Bootstrap, Protocol string
}

// secured tells whether brokers want to know who asks, or are reached by TLS.
func (t Told) secured() bool { return t.Protocol != "" && t.Protocol != "PLAINTEXT" }

// ReadTold reads an application document (blueprint.Rendering.Document).
func ReadTold(document []byte) (Told, error) {
	type port struct {
		Topic  string          `json:"topic"`
		Schema json.RawMessage `json:"schema"`
	}
	var d struct {
		Application string            `json:"application"`
		Streamlet   string            `json:"streamlet"`
		Config      map[string]string `json:"config"`
		Inlets      map[string]port   `json:"inlets"`
		Outlets     map[string]port   `json:"outlets"`
		Kafka       struct {
			BootstrapServers string `json:"bootstrap_servers"`
			SecurityProtocol string `json:"security_protocol"`
		} `json:"kafka"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return Told{}, fmt.Errorf("read the application document: %w", err)
	}
	out := Told{App: d.Application, Streamlet: d.Streamlet, Config: d.Config, Bootstrap: d.Kafka.BootstrapServers, Protocol: d.Kafka.SecurityProtocol}
	for _, side := range []struct {
		ports  map[string]port
		outlet bool
	}{{d.Inlets, false}, {d.Outlets, true}} {
		for _, name := range slices.Sorted(maps.Keys(side.ports)) {
			p := side.ports[name]
			out.Ports = append(out.Ports, Port{Name: name, Outlet: side.outlet, Topic: p.Topic, Schema: string(p.Schema)})
		}
	}
	return out, nil
}
