package prove

import (
	"context"
	"encoding/json"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
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

// RootException asks Flink why a job fails, or, of an empty id, why there is none, and
// returns the deepest cause of what was thrown last. shared tells that this Flink runs
// what is not the job's own, as a session cluster does. It is best effort: what is not
// answered is empty.
func RootException(ctx context.Context, get FlinkREST, job string, shared bool) string {
	ctx, cancel := context.WithTimeout(ctx, AnswerTimeout)
	defer cancel()
	if job != "" {
		if cause := thrownBy(ctx, get, "/jobs/"+job); cause != "" {
			return cause
		}
	}
	if !shared {
		return thrownByApplication(ctx, get, "")
	}
	if job == "" {
		return ""
	}
	// Flink gives the application of a JAR file that is run the id of its job.
	return thrownByApplication(ctx, get, job)
}

// thrownBy is the deepest cause of what a job or an application has thrown last.
func thrownBy(ctx context.Context, get FlinkREST, what string) string {
	body, err := get(ctx, what+"/exceptions")
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
	return flink.RootCause(trace)
}

// thrownByApplication is what the program has thrown that submits the jobs, which no
// job has: Flink keeps it with the application since 2.3 (MultipleApplicationsDetails).
// Older JobManagers know no applications. A session cluster has those of others too:
// there only one is asked.
func thrownByApplication(ctx context.Context, get FlinkREST, only string) string {
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
		if cause := thrownBy(ctx, get, "/applications/"+application.ID); cause != "" {
			return cause
		}
	}
	return ""
}
