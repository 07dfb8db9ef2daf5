package operator

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// JobProof is the proof that a job works of which the operator has no object for us:
// whoever runs it says whether it runs, and Flink's REST API the rest.
type JobProof struct {
	proof

	// since is when the job was started at the earliest, zero where that is not known.
	since time.Time
}

// NewJobProof returns the proof of a job that is started after a time. It asks that the
// job runs so long without a restart, unless a checkpoint completes before; nothing when
// that is zero.
func NewJobProof(need time.Duration, since time.Time) *JobProof {
	return &JobProof{proof{need: need, began: since}, since}
}

// NewRunningJobProof returns the proof of a job that may run already, of a Flink that
// runs no other one. What it did before a time proves nothing, and is no failure.
func NewRunningJobProof(need time.Duration, from time.Time) *JobProof {
	return &JobProof{proof: proof{need: need, began: from}}
}

// Asks tells whether anything has to be proved.
func (p *JobProof) Asks() bool { return !p.off() }

// Proved is how far a proof has come: How says in words what has proved the job, and
// Failed why it does not work. Both are empty while that is open.
type Proved struct{ How, Failed string }

// Look takes note of whether the job runs, asks how it does, and returns how far the
// proof has come. Where Flink cannot be asked, that the job runs has to do.
func (p *JobProof) Look(ctx context.Context, runs bool, get FlinkREST) Proved {
	if p.off() {
		return Proved{}
	}
	if runs {
		p.holds(time.Now(), fko.Status{})
	} else {
		p.broken(time.Now(), fko.Status{JobState: flink.StateFailing})
	}
	seen, err := onlyExecution(ctx, get)
	// Until what was asked for has begun, Flink tells of the execution before, which
	// proves nothing.
	if now := time.Now(); err == nil && !now.Add(seen.Started.Sub(seen.Now)).Before(p.since.Add(-clockGrain)) {
		p.answer(now, seen)
	} else {
		p.unanswered(now)
	}
	switch v := p.at(time.Now()); v.Progress {
	case fko.Done:
		return Proved{How: v.How}
	case fko.Failed:
		return Proved{Failed: v.How}
	default:
		return Proved{}
	}
}

// clockGrain is how exact it is to carry a time of Flink's over to the own clock.
const clockGrain = time.Second

// Missing says at the end of a wait what is not proved.
func (p *JobProof) Missing() string { return p.missing() }

// errWhichJob is that of a Flink with no job, or with several: a cluster of a session
// runs those of others too.
var errWhichJob = errors.New("one job alone was expected to run")

// onlyExecution asks how the only job does that Flink has started and not ended, or
// the only one that it has ended.
func onlyExecution(ctx context.Context, get FlinkREST) (execution, error) {
	body, err := get(ctx, "/jobs/overview")
	if err != nil {
		return execution{}, err
	}
	var overview struct {
		Jobs []struct {
			ID    string `json:"jid"`
			Ended int64  `json:"end-time"`
		} `json:"jobs"`
	}
	if err := json.Unmarshal(body, &overview); err != nil {
		return execution{}, err
	}
	var open, all []string
	for _, job := range overview.Jobs {
		all = append(all, job.ID)
		if job.Ended <= 0 {
			open = append(open, job.ID)
		}
	}
	if len(open) == 0 {
		open = all
	}
	if len(open) != 1 {
		return execution{}, errWhichJob
	}
	return askExecution(ctx, get, open[0])
}
