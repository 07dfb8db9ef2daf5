package operator

// Explain returns an error of Kubernetes as one of the platform, for a platform that hands on to this one and
// writes objects of its own.
func Explain(err error) error { return explain(err) }
