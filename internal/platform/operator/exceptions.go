package operator

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
)

// exceptionHistory is what Flink's REST API tells of exceptions, the newest first
// (JobExceptionsInfoWithHistory, and ApplicationExceptionsInfoWithHistory of Flink 2.3).
type exceptionHistory struct {
	// Root is what has ended or restarts a job; an application has none.
	Root    string `json:"root-exception"`
	History struct {
		Entries []struct {
			Stacktrace string `json:"stacktrace"`
		} `json:"entries"`
	} `json:"exceptionHistory"`
}

// exceptionOf asks the JobManager why a job fails, or why there is none. It is best
// effort: what is not answered is empty.
func (d *Deployments) exceptionOf(ctx context.Context, manager jobManager, job string) string {
	ctx, cancel := context.WithTimeout(ctx, exceptionTimeout)
	defer cancel()
	get := restOf(d.cluster, manager)
	if job != "" {
		if cause := rootException(ctx, get, "/jobs/"+job); cause != "" {
			return cause
		}
	}
	if d.kind.Kind != sessionJobKind.Kind {
		return applicationException(ctx, get, "")
	}
	if job == "" {
		return ""
	}
	// Flink gives the application of a JAR file that is run the id of its job.
	return applicationException(ctx, get, job)
}

// rootException is the deepest cause of what a job or an application has thrown last.
func rootException(ctx context.Context, get FlinkREST, of string) string {
	body, err := get(ctx, of+"/exceptions")
	if err != nil {
		return ""
	}
	var answer exceptionHistory
	if err := json.Unmarshal(body, &answer); err != nil {
		return ""
	}
	trace := answer.Root
	if trace == "" && len(answer.History.Entries) > 0 {
		trace = answer.History.Entries[0].Stacktrace
	}
	return rootOf(trace)
}

// applicationException is what the program has thrown that submits the jobs, which no
// job has: Flink keeps it with the application since 2.3 (MultipleApplicationsDetails).
// Older JobManagers know no applications. A session cluster has those of others too:
// there only one is asked.
func applicationException(ctx context.Context, get FlinkREST, only string) string {
	body, err := get(ctx, "/applications/overview")
	if err != nil {
		return ""
	}
	var answer struct {
		Applications []struct {
			ID string `json:"id"`
		} `json:"applications"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return ""
	}
	for _, application := range answer.Applications {
		if only != "" && application.ID != only {
			continue
		}
		if cause := rootException(ctx, get, "/applications/"+application.ID); cause != "" {
			return cause
		}
	}
	return ""
}

// rootOf returns the deepest cause of a Java stack trace.
func rootOf(trace string) string {
	root := ""
	for l := range strings.Lines(trace) {
		l = strings.TrimSpace(l)
		if cause, ok := strings.CutPrefix(l, "Caused by: "); ok {
			root = cause
		} else if root == "" && l != "" {
			root = l
		}
	}
	return fko.Plain(root)
}
