package blueprint

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Limits are what the place of an application allows, and what reads its schemas.
type Limits struct {
	// Name is how long the name of a deployment may be; 0 for that of a DNS label.
	Name int
	// Object is how long the name of a topic's Kubernetes resource may be; 0 where topics
	// have none.
	Object int
	// Schemas reads schemas; nil where nobody does.
	Schemas Schemas
}

// checker collects what is wrong with an application.
type checker struct {
	Application
	joints
	of       Limits
	findings []flink.Finding
	// suggested counts the names that were looked for among all others. After some the
	// next is not looked for any more, because each takes a walk through all of them.
	suggested int
}

// mostSuggestions is for how many names another one is suggested.
const mostSuggestions = 20

// Check returns what is wrong with an application, in a stable order. Paths have the
// names of the attributes and maps of the resource, for example
// {"topics", "orders", "consumers", "0"}. What is not known yet is not guessed.
func (a Application) Check(of Limits) []flink.Finding {
	if of.Name == 0 {
		of.Name = longestLabel
	}
	c := checker{Application: a, joints: a.joints(), of: of}
	c.checkApplication()
	for _, name := range c.streamlets {
		c.checkStreamlet(name)
	}
	c.checkMoves()
	for _, key := range c.topics {
		c.checkTopic(key)
		c.checkEnds(key)
	}
	c.checkTopicNames()
	c.checkUnjoined()
	c.checkSchemas()
	c.checkCycles()
	return c.findings
}

func (c *checker) fault(path flink.Path, summary, detail string) {
	c.findings = append(c.findings, flink.Finding{Path: path, Severity: flink.Error, Summary: summary, Detail: detail})
}

func (c *checker) warn(path flink.Path, summary, detail string) {
	c.findings = append(c.findings, flink.Finding{Path: path, Severity: flink.Warning, Summary: summary, Detail: detail})
}

// meant ends a message about a name that there is not: with the one that may be meant,
// and those that there are.
func (c *checker) meant(what, name string, known []string) string {
	if len(known) == 0 {
		return "There are no " + what + "."
	}
	detail := fmt.Sprintf("The %s are %s.", what, listed(known))
	if c.suggested < mostSuggestions {
		c.suggested++
		if near := flink.Nearest(name, known); near != "" {
			detail = fmt.Sprintf("Did you mean %q? %s", near, detail)
		}
	}
	return detail
}

func (c *checker) checkApplication() {
	if problem := labelProblem(c.Name); problem != "" && !c.NameUnknown {
		c.fault(flink.Path{"name"}, fmt.Sprintf("The name %q is not valid for an application", c.Name),
			"The names of its deployments begin with it. "+problem+" Change name.")
	}
	if len(c.Streamlets) == 0 {
		c.fault(flink.Path{"streamlets"}, "The application has no streamlets",
			"Nothing would run. Add a streamlet, or remove the application.")
	}
}

func (c *checker) checkStreamlet(name string) {
	s := c.Streamlets[name]
	path := flink.Path{"streamlets", name}
	deployment := c.Deployment(name)
	switch problem := partProblem(name); {
	case problem != "":
		c.fault(path, fmt.Sprintf("The name %q is not valid for a streamlet", name),
			fmt.Sprintf("Its deployment would be called %q. %s Rename the streamlet; moved_from keeps what runs.", deployment, problem))
	case len(deployment) > c.of.Name:
		c.fault(path, fmt.Sprintf("The name of the deployment %q is too long", deployment),
			fmt.Sprintf("It has %d characters, and %d are possible. Shorten the name of the application or of the streamlet.", len(deployment), c.of.Name))
	}
	for _, color := range []string{"-blue", "-green"} {
		if _, taken := c.Streamlets[name+color]; taken {
			c.warn(flink.Path{"streamlets", name + color}, fmt.Sprintf("The streamlets %q and %q get in each other's way", name, name+color),
				fmt.Sprintf("A blue/green upgrade of %q makes a deployment of the name %q. Rename the streamlet; moved_from keeps what runs.", name, deployment+color))
		}
	}
	if len(s.Inlets)+len(s.Outlets) == 0 && !s.PortsUnknown {
		c.warn(path, fmt.Sprintf("The streamlet %q has neither inlets nor outlets", name),
			"No topic can join it to others, and it is told of no brokers. Add inlets or outlets, or make it a deployment of its own.")
	}
	for _, e := range c.allEnds(name) {
		c.checkPort(e)
	}
	c.checkConfig(name)
}

func (c *checker) checkPort(e end) {
	if !portPattern.MatchString(e.port) {
		c.fault(e.path(), fmt.Sprintf("The name %q is not valid for an %s", e.port, e.side),
			fmt.Sprintf("Topics name it as %q. A name has at most 63 letters, digits, hyphens and underscores, and a letter first. Rename the %s of %q.", e, e.side, e.streamlet))
	}
	if e.side == outlet && c.has(end{e.streamlet, e.port, inlet}) {
		c.fault(e.path(), fmt.Sprintf("The streamlet %q has an inlet and an outlet %q", e.streamlet, e.port),
			fmt.Sprintf("%q would be both. Rename one of them.", e))
	}
	switch p := c.port(e); {
	case p.Unknown:
	case p.Subject == "" && p.Version != "":
		c.fault(e.path("subject"), fmt.Sprintf("The schema of %q has a version and no subject", e),
			"The registry keeps versions by subject. Set subject, or remove version.")
	case p.Subject != "" && p.Version != "" && p.Version != "latest" && !versionPattern.MatchString(p.Version):
		c.fault(e.path("version"), fmt.Sprintf("%q is not a version of a schema", p.Version),
			fmt.Sprintf("The schema of %q is version \"latest\" of subject %q, or a whole number from 1 on. Change version.", e, p.Subject))
	}
}

func (c *checker) checkConfig(name string) {
	s := c.Streamlets[name]
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		path := flink.Path{"streamlets", name, "config", key}
		c.checkConfigKey(path, key)
		if _, both := s.ConfigSecrets[key]; !both && s.Config[key] != "" && flink.SensitiveKey(key) {
			c.warn(path, fmt.Sprintf("The value of %q may be a secret", key),
				fmt.Sprintf("Whoever reads the plan, the state or the application document of %q reads it. Put it into a Kubernetes Secret, and name that in config_secrets.", name))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.ConfigSecrets)) {
		path := flink.Path{"streamlets", name, "config_secrets", key}
		c.checkConfigKey(path, key)
		if _, both := s.Config[key]; both {
			c.fault(path, fmt.Sprintf("The streamlet %q has %q in config and in config_secrets", name, key),
				"One value can be told only. Remove the key from one of them.")
		}
		ref := s.ConfigSecrets[key]
		if problem := objectProblem(ref.Secret); problem != "" {
			c.fault(append(path, "secret"), fmt.Sprintf("%q is not the name of a Secret", ref.Secret), problem+" Change secret.")
		}
		if problem := dataKeyProblem(ref.Key); problem != "" {
			c.fault(append(path, "key"), fmt.Sprintf("%q is not a key of a Secret", ref.Key), problem+" Change key.")
		}
	}
}

func (c *checker) checkConfigKey(path flink.Path, key string) {
	if !configKeyPattern.MatchString(key) {
		c.fault(path, fmt.Sprintf("%q is not a key of a streamlet's configuration", key),
			"A key has 1 to 253 characters, and neither blanks nor control characters. Rename it.")
	}
}

// checkMoves looks at the former names of streamlets.
func (c *checker) checkMoves() {
	claimed := map[string]string{}
	for _, name := range c.streamlets {
		from := c.Streamlets[name].MovedFrom
		if from == "" {
			continue
		}
		path := flink.Path{"streamlets", name, "moved_from"}
		_, exists := c.Streamlets[from]
		first, taken := claimed[from]
		switch {
		case from == name:
			c.fault(path, fmt.Sprintf("The streamlet %q is moved from itself", name), "moved_from is the name that the streamlet had before. Remove it, or name that one.")
		case partProblem(from) != "":
			c.fault(path, fmt.Sprintf("%q is not the name of a streamlet", from), partProblem(from)+" Set moved_from to the name that the streamlet had before.")
		case exists:
			c.fault(path, fmt.Sprintf("The streamlet %q is moved from one that is still there", name),
				fmt.Sprintf("The blueprint has %q and %q, and only one of them can go on with what runs. Remove moved_from, or the streamlet %q.", from, name, from))
		case taken:
			c.fault(path, fmt.Sprintf("The streamlets %q and %q are moved from the same one", first, name),
				fmt.Sprintf("Only one of them can go on with what runs as %q. Remove moved_from of the other one.", from))
		default:
			claimed[from] = name
		}
	}
}
