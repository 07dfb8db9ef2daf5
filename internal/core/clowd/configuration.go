package clowd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ConfigurationKey is the key of the Secret, named as the ClowdApp, in which Clowder tells pods what
// there is for them.
const ConfigurationKey = "cdappconfig.json"

// Configuration is what cdappconfig.json says of streams (schema.json of Clowder, KafkaConfig).
type Configuration struct {
	// BootstrapServers are kafka.brokers, "hostname:port" separated by commas.
	BootstrapServers string
	// SecurityProtocol, Mechanism, Username, Password and CACertificate are those of the first broker: all
	// brokers of an application are of one cluster.
	SecurityProtocol, Mechanism, Username, Password, CACertificate string
	// Topics are kafka.topics: name by requestedName.
	Topics map[string]string
}

// ReadConfiguration reads cdappconfig.json. Without Kafka it is empty.
func ReadConfiguration(text []byte) (Configuration, error) {
	var read struct {
		Kafka struct {
			Brokers []struct {
				Hostname         string `json:"hostname"`
				Port             int    `json:"port"`
				CACert           string `json:"cacert"`
				SecurityProtocol string `json:"securityProtocol"`
				SASL             struct {
					Username         string `json:"username"`
					Password         string `json:"password"`
					Mechanism        string `json:"saslMechanism"`
					SecurityProtocol string `json:"securityProtocol"`
				} `json:"sasl"`
			} `json:"brokers"`
			Topics []struct {
				RequestedName string `json:"requestedName"`
				Name          string `json:"name"`
			} `json:"topics"`
		} `json:"kafka"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		// What it says may be a password.
		return Configuration{}, fmt.Errorf("%s is not the JSON that Clowder writes", ConfigurationKey)
	}
	out := Configuration{Topics: map[string]string{}}
	var servers []string
	for i, broker := range read.Kafka.Brokers {
		servers = append(servers, net.JoinHostPort(broker.Hostname, strconv.Itoa(cmp.Or(broker.Port, usualPort))))
		if i == 0 {
			out.SecurityProtocol = cmp.Or(broker.SecurityProtocol, broker.SASL.SecurityProtocol)
			out.Mechanism, out.Username, out.Password, out.CACertificate = broker.SASL.Mechanism, broker.SASL.Username, broker.SASL.Password, broker.CACert
			if out.SecurityProtocol == "" {
				out.SecurityProtocol = protocolOf(out.Mechanism != "" || out.Username != "", out.CACertificate != "")
			}
		}
	}
	out.BootstrapServers = strings.Join(servers, ",")
	for _, topic := range read.Kafka.Topics {
		out.Topics[topic.RequestedName] = topic.Name
	}
	return out, nil
}

// usualPort is that of a broker of which no port is said: the schema asks for a hostname alone, and a client of Kafka
// takes no address without a port.
const usualPort = 9092

// protocolOf is the security protocol of brokers that do not say theirs, which the schema allows too.
func protocolOf(login, certificate bool) string {
	switch {
	case login && certificate:
		return "SASL_SSL"
	case login:
		return "SASL_PLAINTEXT"
	case certificate:
		return "SSL"
	}
	return "PLAINTEXT"
}
