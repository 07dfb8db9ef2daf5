package defaults

// CustomResources says where the objects of an environment are custom resources, which a
// controller hands on to the platform, instead of being written to the platform itself.
type CustomResources struct {
	// Namespace is the Kubernetes namespace that has them.
	Namespace string `json:"namespace"`
	// PodNamespace is the one in which the platform runs what the environment has; empty where
	// that is not known.
	PodNamespace string `json:"pod_namespace,omitempty"`
	// Class and ClassNamespace name the resource that says how the controller reaches the
	// platform; empty for its own choice.
	Class          string `json:"class,omitempty"`
	ClassNamespace string `json:"class_namespace,omitempty"`
}

// Way returns of settings what says how the objects of the environment are reached.
func (s Settings) Way() Settings {
	if s.CustomResources == nil {
		return Settings{}
	}
	return Settings{Environment: s.Environment, CustomResources: s.CustomResources}
}

// WayOf is Way of the text of settings. One that cannot be read, or is not known yet, has
// none: what is there has to be found and deleted all the same.
func WayOf(text string) Settings {
	settings, err := Decode(text)
	if err != nil {
		return Settings{}
	}
	return settings.Way()
}
