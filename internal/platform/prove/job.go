package prove

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// JobProof is the proof of a job that somebody else runs, who tells at each look whether
// it does; Flink's REST API tells the rest.
type JobProof struct {
	proof *Proof

	// since is when the job was started at the earliest, zero where that is not known.
	since time.Time
}

// NewJobProof returns the proof of a job that is started after a time. It asks that the
// job runs so long without a restart, unless a checkpoint completes before; nothing when
// that is zero.
func NewJobProof(need time.Duration, since time.Time) *JobProof {
	return &JobProof{proof: New(Want{For: need, Began: since}), since: since}
}

// NewRunningJobProof returns the proof of a job that may run already, of a Flink that
// runs no other one. What it did before a time proves nothing, and is no failure.
func NewRunningJobProof(need time.Duration, from time.Time) *JobProof {
	return &JobProof{proof: New(Want{For: need, Began: from})}
}

// Asks tells whether anything has to be proved.
func (p *JobProof) Asks() bool { return p.proof.Asks() }

// Look takes note of whether the job runs, asks how it does, and returns how far the
// proof has come. Where Flink cannot be asked, that the job runs has to do.
func (p *JobProof) Look(ctx context.Context, runs bool, get FlinkREST) Verdict {
	if !p.Asks() {
		return Verdict{}
	}
	if runs {
		p.proof.Holds(time.Now(), false)
	} else {
		p.proof.Broken(time.Now(), true)
	}
	seen, err := onlyExecution(ctx, get)
	// Until what was asked for has begun, Flink tells of the execution before, which
	// proves nothing.
	if now := time.Now(); err == nil && !now.Add(seen.Started.Sub(seen.Now)).Before(p.since.Add(-clockGrain)) {
		p.proof.Answer(now, seen)
	} else {
		p.proof.Unanswered(now)
	}
	return p.proof.At(time.Now())
}

// clockGrain is how exact it is to carry a time of Flink's over to the own clock.
const clockGrain = time.Second

// Missing says at the end of a wait what is not proved.
func (p *JobProof) Missing() string { return p.proof.Missing() }

// errWhichJob is that of a Flink with no job, or with several: a cluster of a session
// runs those of others too.
var errWhichJob = errors.New("one job alone was expected to run")

// onlyExecution asks how the only job does that Flink has started and not ended, or
// the only one that it has ended.
func onlyExecution(ctx context.Context, get FlinkREST) (Execution, error) {
	body, err := get(ctx, "/jobs/overview")
	if err != nil {
		return Execution{}, err
	}
	var overview struct {
		Jobs []struct {
			ID    string `json:"jid"`
			Ended int64  `json:"end-time"`
		} `json:"jobs"`
	}
	if err := json.Unmarshal(body, &overview); err != nil {
		return Execution{}, err
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
		return Execution{}, errWhichJob
	}
	return Ask(ctx, get, open[0])
}
