package operator

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
)

const (
	// maxEvents is how many warning events a message has.
	maxEvents = 5
	// maxLine bounds a line of a message; operators and Java repeat whole
	// stack traces in theirs.
	maxLine = 400
	// clockSkew is how much the clocks inside a cluster may differ before events
	// of a rollout are taken for older ones.
	clockSkew = 10 * time.Second
)

// evidence collects what the cluster knows about a rollout beside what has been
// told: broken pods, the operator's error, warning events and the job's
// exception. Each part is best effort: the credentials may not allow it.
func (r *rollout) evidence(ctx context.Context, told ...string) string {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	cluster := r.deployments.cluster
	manager := r.deployments.jobManagerOf(ctx, r.ref, r.write.applied)
	account := accountAfter(told...)
	exception := make(chan string, 1)
	go func() {
		exception <- r.deployments.exceptionOf(ctx, manager, r.last.JobID)
	}()
	brokenPods(ctx, cluster, manager.Ref, account)
	if f := r.last.Error; f != nil {
		account.add("operator", f.Sentence())
	}
	r.warnings(ctx, manager.Ref, account)
	account.add("job", <-exception)
	return account.String()
}

// exceptionOf asks the JobManager why a job fails, or why there is none. It is best
// effort: what is not answered is empty.
func (d *Deployments) exceptionOf(ctx context.Context, manager jobManager, job string) string {
	return prove.RootException(ctx, restOf(d.cluster, manager), job, d.kind.Kind == sessionJobKind.Kind)
}

func line(who, what string) string {
	what = strings.Join(strings.Fields(what), " ")
	if runes := []rune(what); len(runes) > maxLine {
		what = string(runes[:maxLine]) + "…"
	}
	return "  " + who + ": " + what
}

// brokenPods says why pods of a deployment do not run. Flink and the operator
// label them with the cluster's name.
func brokenPods(ctx context.Context, cluster Store, ref platform.Ref, account *account) {
	pods, err := cluster.List(ctx, podKind, ref.Namespace, "app="+ref.Name)
	if err != nil {
		return
	}
	for i := range pods {
		if reason := kube.PodTrouble(&pods[i]); reason != "" {
			account.add("pod "+pods[i].GetName(), reason)
		}
	}
}

// podsHeadline is the first thing that is wrong with the pods of the Flink
// cluster, empty for nothing.
func (r *rollout) podsHeadline(ctx context.Context) string {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	account := accountAfter()
	brokenPods(ctx, r.deployments.cluster, r.deployments.jobManagerOf(ctx, r.ref, r.write.applied).Ref, account)
	if len(account.told) == 0 {
		return ""
	}
	return account.told[0]
}

// warnings tells of the newest warning events of the object and of what the
// operator and Kubernetes made of the Flink cluster that it runs on, as far as
// they are not older than the wait.
func (r *rollout) warnings(ctx context.Context, ran platform.Ref, account *account) {
	kind := r.deployments.kind.Kind
	events, err := r.deployments.cluster.Events(ctx, r.ref.Namespace,
		kube.Involved{Kind: kind, Name: r.ref.Name, UID: types.UID(r.write.uid)},
		kube.Involved{Kind: "Deployment", Name: ran.Name},
		kube.Involved{Kind: "Deployment", Name: ran.Name + "-taskmanager"},
		kube.Involved{Kind: "ReplicaSet"}, kube.Involved{Kind: "Pod"})
	if err != nil {
		return
	}
	most := len(account.lines) + maxEvents
	for _, e := range events {
		// Names of pods and replica sets begin with the Flink cluster's name.
		own := e.Object.Kind == kind && e.Object.Name == r.ref.Name || e.Object.Name == ran.Name || ownName(e.Object.Name, ran.Name)
		if !own || e.Last.Before(r.began.Add(-clockSkew)) {
			continue
		}
		account.event(e)
		if len(account.lines) == most {
			break
		}
	}
}

// event tells of an event, without the stack trace that some have.
func (a *account) event(e kube.Event) {
	message, _, _ := strings.Cut(e.Message, "\n")
	message = wordsOf(message)
	what := e.Reason + ": " + message
	if e.Count > 1 {
		what = fmt.Sprintf("%s (%d times): %s", e.Reason, e.Count, message)
	}
	a.add("event of "+e.Object.Kind+" "+e.Object.Name, what)
}

// generated matches what Kubernetes and Flink append to a deployment's name:
// replica set and pod hashes, or the number of a native TaskManager.
var generated = regexp.MustCompile(`^-(taskmanager-)?([a-z0-9]{1,10}|[a-z0-9]{1,10}-[a-z0-9]{5}|\d+-\d+)$`)

// ownName tells whether a name was generated from a deployment's, and not from
// one with a longer name.
func ownName(name, deployment string) bool {
	rest, ok := strings.CutPrefix(name, deployment)
	return ok && generated.MatchString(rest)
}
