package standin

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

// mainContainer is the name that Flink demands for its container.
const mainContainer = "flink-main-container"

// Reasons of pod failures that need their own treatment.
const (
	reasonFailedMount   = "FailedMount"
	reasonFailedCreate  = "FailedCreate"
	reasonUnschedulable = "Unschedulable"
	reasonOOMKilled     = "OOMKilled"
	reasonCrashLoop     = "CrashLoopBackOff"
)

// imageName is the image to run; without one Flink takes its own default.
func (s *spec) imageName() string {
	if s.image != nil && *s.image != "" {
		return *s.image
	}
	return "flink"
}

func (p *pass) podSpec() map[string]any {
	s := p.in.running
	out := map[string]any{"containers": []any{map[string]any{"name": mainContainer, "image": s.imageName()}}}
	if s.serviceAccount != nil {
		out["serviceAccountName"] = *s.serviceAccount
	}
	return out
}

// createPod makes the JobManager's pod. There is no kubelet, so what happens to
// the pod is written by the stand-in. An apiserver that refuses the pod, for
// instance without its service account, is a failure of the deployment.
func (p *pass) createPod(ctx context.Context) error {
	jm := p.in.jm
	if jm.injected && jm.failure.reason == reasonFailedCreate {
		return nil
	}
	spec := p.podSpec()
	spec["terminationGracePeriodSeconds"] = int64(0)
	pod := map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": p.podName(), "namespace": p.key.Namespace, "labels": jobManagerLabels(p.key.Name),
			"ownerReferences": owner("apps/v1", "Deployment", p.key.Name, jm.deploymentUID, true),
		},
		"spec": spec,
	}
	stored, err := p.createOrReplace(ctx, pods, pod)
	if apierrors.IsForbidden(err) && !ignorable(err) {
		jm.failure = &podFailure{reason: reasonFailedCreate, message: strings.TrimPrefix(err.Error(), "create pods "+p.podName()+": ")}
		return nil
	}
	if err != nil {
		return err
	}
	jm.podUID = stored.GetUID()
	p.world.own(jm.podUID)
	if jm.failure == nil && !jm.crashing {
		return nil
	}
	if err := p.podStatus(ctx); err != nil {
		return err
	}
	if jm.failure != nil {
		reason := "Failed"
		if jm.failure.reason == reasonFailedMount {
			reason = reasonFailedMount
		}
		p.emit(ctx, stored, "Warning", reason, "kubelet", jm.failure.message)
	}
	return nil
}

// podStatus writes what a kubelet would say now.
func (p *pass) podStatus(ctx context.Context) error {
	_, err := p.api.patch(ctx, pods, types.NamespacedName{Namespace: p.key.Namespace, Name: p.podName()},
		map[string]any{"status": podStatus(p.in.jm, p.in.running.imageName(), p.rest.address, p.now())}, "status")
	return err
}

func podStatus(jm *jobManager, image string, rest *net.TCPAddr, now time.Time) map[string]any {
	container := map[string]any{"name": mainContainer, "image": image, "imageID": "", "ready": false, "restartCount": int64(0)}
	status := map[string]any{"phase": "Pending", "containerStatuses": []any{container}}
	waiting := func(reason, message string) {
		container["state"] = map[string]any{"waiting": map[string]any{"reason": reason, "message": message}}
	}
	died := func(reason string, code int64) {
		status["phase"] = "Running"
		container["restartCount"] = int64(3)
		container["lastState"] = map[string]any{"terminated": map[string]any{"reason": reason, "exitCode": code}}
	}
	failure := jm.failing(now)
	switch {
	case failure == nil && jm.crashing:
		died("Error", 2)
		waiting(reasonCrashLoop, fmt.Sprintf("back-off 10s restarting failed container=%s", mainContainer))
	case failure == nil && !jm.up(now):
		waiting("ContainerCreating", "")
	case failure == nil:
		started := now.UTC().Format(time.RFC3339)
		status["phase"] = "Running"
		container["ready"] = true
		container["state"] = map[string]any{"running": map[string]any{"startedAt": started}}
		if rest != nil {
			status["podIP"] = rest.IP.String()
			status["podIPs"] = []any{map[string]any{"ip": rest.IP.String()}}
		}
		status["conditions"] = []any{map[string]any{"type": "Ready", "status": "True", "lastTransitionTime": started}}
	case failure.reason == reasonUnschedulable:
		delete(status, "containerStatuses")
		status["conditions"] = []any{map[string]any{"type": "PodScheduled", "status": "False", "reason": reasonUnschedulable, "message": failure.message}}
	case failure.reason == reasonFailedMount:
		waiting("ContainerCreating", "")
	case failure.reason == reasonOOMKilled:
		died(reasonOOMKilled, 137)
		waiting(reasonCrashLoop, failure.message)
	case failure.reason == reasonCrashLoop:
		died("Error", 1)
		waiting(reasonCrashLoop, failure.message)
	default:
		waiting(failure.reason, failure.message)
	}
	return status
}
