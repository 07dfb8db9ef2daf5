package operator

import "time"

// ShortenPodErrorGrace makes the waits of a test end with the first error of a
// pod that lasts.
func (d *Deployments) ShortenPodErrorGrace(grace time.Duration) { d.podErrorGrace = grace }
