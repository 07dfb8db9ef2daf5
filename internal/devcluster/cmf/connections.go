package cmf

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// catalogs are the Kafka catalogs, which all environments share.
func catalogs() kind {
	return kind{
		name: "KafkaCatalog", collection: "/catalogs/kafka", emptyPut: true,
		valid: func(_ *Server, _ *http.Request, want, _ object) *refusal {
			return connects(part(part(want, "spec"), "srInstance"), "schema.registry.url", "Catalog could not be created")
		},
		used: func(s *Server, _ *http.Request, name string, change bool) *refusal {
			if !change && len(s.objects["/catalogs/kafka/"+name+"/databases"]) > 0 {
				return refuse(http.StatusConflict, "Catalog '%s' contains databases.", name)
			}
			return nil
		},
		look: func(s *Server, o object, _ int) { s.access(o, part(part(o, "spec"), "srInstance")) },
	}
}

// databases are the Kafka clusters of a catalog. Servers before 2.3 have another
// name for the environments that may change tables, and drop the new one.
func databases() kind {
	return kind{
		name: "KafkaDatabase", collection: "/catalogs/kafka/{catalog}/databases", emptyPut: true, noParent: http.StatusBadRequest, anyList: true,
		parent: func(s *Server, r *http.Request) *refusal {
			if name := r.PathValue("catalog"); s.objects["/catalogs/kafka"][name] == nil {
				return refuse(http.StatusNotFound, "Catalog '%s' not found.", name)
			}
			return nil
		},
		valid: func(s *Server, _ *http.Request, want, _ object) *refusal {
			other := "alterEnvironments"
			if !s.from("2.3") {
				other = "ddlEnvironments"
			}
			delete(part(want, "spec"), other)
			return connects(part(part(want, "spec"), "kafkaCluster"), "bootstrap.servers", "Database could not be created")
		},
		look: func(s *Server, o object, _ int) { s.access(o, part(part(o, "spec"), "kafkaCluster")) },
	}
}

// connects refuses a connection that leads nowhere: without an address, or to a host
// below .invalid.
func connects(connection object, address, refusal string) *refusal {
	to := text(part(connection, "connectionConfig"), address)
	if to == "" || strings.Contains(to, ".invalid") {
		return refuse(http.StatusUnprocessableEntity, "%s: cannot connect to '%s'.", refusal, to)
	}
	return nil
}

// access sets the environments that can use a connection: those that map its secret,
// or all when it has none.
func (s *Server) access(o, connection object) {
	names := []string{}
	for name := range s.objects["/environments"] {
		id := text(connection, "connectionSecretId")
		if id == "" || s.objects["/environments/"+name+"/secret-mappings"][id] != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	o["status"] = object{"environmentsWithAccess": names}
}

// keyVersion has, inside of the stand-in, the version of a secret.
const keyVersion = "standin.version"

// secrets are the secrets, whose values nobody sees again.
func secrets() kind {
	return kind{
		name: "Secret", collection: "/secrets",
		valid: func(_ *Server, _ *http.Request, want, last object) *refusal {
			data := part(part(want, "spec"), "data")
			for key := range data {
				if value := text(data, key); strings.Contains(value, "\n\n") {
					return refuse(http.StatusUnprocessableEntity, "data.%s: '%s' has an empty line", key, value)
				}
				data[key] = "****"
			}
			version := 1
			if last != nil {
				version, _ = strconv.Atoi(text(last, keyVersion))
				version++
			}
			want[keyVersion] = strconv.Itoa(version)
			return nil
		},
		used: func(s *Server, _ *http.Request, name string, change bool) *refusal {
			if environments := s.mapping(name); !change && len(environments) > 0 {
				return refuse(http.StatusConflict, "Secret '%s' is still mapped to environments [%s]. Remove those mappings first.", name, strings.Join(environments, ", "))
			}
			return nil
		},
		look: func(s *Server, o object, _ int) {
			environments := []any{}
			for _, name := range s.mapping(text(part(o, "metadata"), "name")) {
				environments = append(environments, name)
			}
			o["status"] = object{"version": o[keyVersion], "environments": environments}
		},
	}
}

// mapping returns the environments that map a secret.
func (s *Server) mapping(secret string) []string {
	var names []string
	for name := range s.objects["/environments"] {
		for _, mapping := range s.objects["/environments/"+name+"/secret-mappings"] {
			if text(part(mapping, "spec"), "secretName") == secret {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mappings say what an identifier means in an environment.
func mappings() kind {
	return kind{
		name: "EnvironmentSecretMapping", collection: "/environments/{env}/secret-mappings", parent: inEnvironment,
		valid: func(s *Server, _ *http.Request, want, _ object) *refusal {
			if name := text(part(want, "spec"), "secretName"); s.objects["/secrets"][name] == nil {
				return refuse(http.StatusBadRequest, "Secret '%s' does not exist.", name)
			}
			return nil
		},
	}
}
