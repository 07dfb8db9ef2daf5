package standin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// startSteps is how long a JobManager takes until its REST port answers.
const startSteps = 2

// mountErrorSteps is how long the injected mount error lasts once it was noticed.
const mountErrorSteps = 5

// startCluster creates what the operator and Kubernetes would create for one
// deployment, and starts the simulated JobManager and job behind it.
func (p *pass) startCluster(ctx context.Context, s *spec, from restore) error {
	in, now := p.in, p.now()
	in.epoch++
	in.starts++
	p.world.setEpoch(p.key, in.epoch)
	in.running, in.restoredLastState = s, from.lastState
	in.haMetadata = from.lastState
	in.restoredFrom = from.path
	if from.lastState {
		in.restoredFrom = in.haPath
		if in.restoredFrom == "" {
			in.restoredFrom = lastStateDummy
		}
	}
	jm := &jobManager{
		portOpen:      now.Add(startSteps*p.step + p.faults.slowStart),
		highAvailable: highAvailability(flatConfig(s.config)),
		manualRestore: p.faults.manualRestore,
		crashing:      !p.world.restorable(in.restoredFrom),
	}
	switch {
	case p.faults.podError != nil:
		jm.failure, jm.injected = p.faults.podError, true
	case s.image != nil && unpullable(*s.image):
		jm.failure = pullFailure(*s.image)
	case p.faults.firstMountError && !in.mountError:
		in.mountError = true
		jm.failure = &podFailure{reason: reasonFailedMount, message: fmt.Sprintf(
			"MountVolume.SetUp failed for volume \"flink-config-volume\" : configmap \"flink-config-%s\" not found", p.key.Name)}
		jm.passing = true
	}
	in.jm = jm
	p.startJobOn(jm)
	if err := p.createDeployment(ctx); err != nil {
		return err
	}
	return p.createPod(ctx)
}

// startJobOn plans the application's job for the time when jm answers.
func (p *pass) startJobOn(jm *jobManager) {
	in := p.in
	in.job = nil
	if in.running.job == nil || jm.crashing {
		return
	}
	in.job = startJob(p.st.Job.JobID, p.key.Name, in.running, p.faults, jm.portOpen, p.step)
	in.job.restoredFrom = in.restoredFrom
	p.show()
}

// heal lets a pod start after all, when what kept it from starting is gone: the
// annotation, or the missing service account.
func (p *pass) heal(ctx context.Context) error {
	jm := p.in.jm
	if jm.failure == nil {
		return nil
	}
	switch {
	case jm.failure.reason == reasonFailedCreate && !jm.injected:
		jm.failure = nil
		if err := p.createPod(ctx); err != nil || jm.failure != nil {
			return err
		}
	case jm.injected && p.faults.podError == nil:
		jm.failure, jm.injected = nil, false
	default:
		return nil
	}
	jm.portOpen = p.now().Add(startSteps*p.step + p.faults.slowStart)
	p.startJobOn(jm)
	return nil
}

func taskManagerLabels(name string) string { return "component=taskmanager,app=" + name }

func jobManagerLabels(name string) map[string]any {
	return map[string]any{"app": name, "component": "jobmanager", "type": "flink-native-kubernetes"}
}

func owner(apiVersion, kind, name string, uid types.UID, controller bool) []any {
	return []any{map[string]any{
		"apiVersion": apiVersion, "kind": kind, "name": name, "uid": string(uid), "controller": controller, "blockOwnerDeletion": true,
	}}
}

// createDeployment makes the apps/v1 Deployment and the REST service. The
// Deployment is paused, so that a deployment controller makes no pods of its own.
func (p *pass) createDeployment(ctx context.Context) error {
	name, ns := p.key.Name, p.key.Namespace
	owners := owner(p.obj.GetAPIVersion(), p.kind, name, p.obj.GetUID(), true)
	deployment := map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{
			"name": name, "namespace": ns, "labels": jobManagerLabels(name), "ownerReferences": owners,
			"annotations": map[string]any{annotationRestoredFrom: p.in.restoredFrom, annotationStarts: strconv.Itoa(p.in.starts)},
		},
		"spec": map[string]any{
			"paused": true, "replicas": int64(1), "selector": map[string]any{"matchLabels": jobManagerLabels(name)},
			"template": map[string]any{"metadata": map[string]any{"labels": jobManagerLabels(name)}, "spec": p.podSpec()},
		},
	}
	stored, err := p.createOrReplace(ctx, appsDeployments, deployment)
	if err != nil {
		return err
	}
	p.in.jm.deploymentUID = stored.GetUID()
	p.world.own(stored.GetUID())
	transition := stored.GetCreationTimestamp().Time
	if p.in.jm.manualRestore {
		transition = transition.Add(5 * time.Second)
	}
	if err := p.deploymentStatus(ctx, false, transition); err != nil {
		return err
	}
	service := map[string]any{
		"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]any{"name": name + "-rest", "namespace": ns, "labels": map[string]any{"app": name, "type": "flink-native-kubernetes"}, "ownerReferences": owners},
		"spec":     map[string]any{"selector": jobManagerLabels(name), "ports": []any{map[string]any{"name": "rest", "port": int64(8081)}}},
	}
	_, err = p.api.create(ctx, services, service)
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// createOrReplace creates obj; one of the same name from an earlier life of the
// stand-in goes first.
func (p *pass) createOrReplace(ctx context.Context, gvr schema.GroupVersionResource, obj map[string]any) (*unstructured.Unstructured, error) {
	stored, err := p.api.create(ctx, gvr, obj)
	if !apierrors.IsAlreadyExists(err) {
		return stored, err
	}
	u := &unstructured.Unstructured{Object: obj}
	if err := p.api.remove(ctx, gvr, keyOf(u)); err != nil {
		return nil, err
	}
	return p.api.create(ctx, gvr, obj)
}

func (p *pass) deploymentStatus(ctx context.Context, available bool, transition time.Time) error {
	count, status, reason := int64(0), "False", "MinimumReplicasUnavailable"
	if available {
		count, status, reason = 1, "True", "MinimumReplicasAvailable"
	}
	_, err := p.api.patch(ctx, appsDeployments, p.key, map[string]any{"status": map[string]any{
		"replicas": int64(1), "updatedReplicas": int64(1), "readyReplicas": count, "availableReplicas": count, "unavailableReplicas": 1 - count,
		"conditions": []any{map[string]any{
			"type": "Available", "status": status, "reason": reason, "message": "Deployment has minimum availability: " + status,
			"lastTransitionTime": transition.UTC().Format(time.RFC3339), "lastUpdateTime": transition.UTC().Format(time.RFC3339),
		}},
	}}, "status")
	return err
}

// showUp lets Deployment and pod say that the JobManager is ready.
func (p *pass) showUp(ctx context.Context) error {
	err := p.deploymentStatus(ctx, true, p.now())
	if err == nil && p.in.jm.podUID != "" {
		if err = p.podStatus(ctx); err == nil {
			err = p.openREST(ctx)
		}
	}
	if apierrors.IsNotFound(err) {
		// Taken away meanwhile; the watch says so.
		return nil
	}
	return err
}

// neverStarted answers as the operator does: it compares, to the second, the
// Deployment's creation with the last transition of its condition Available.
func (p *pass) neverStarted(ctx context.Context) (bool, error) {
	if p.in.jm == nil {
		return false, nil
	}
	deployment, err := p.api.get(ctx, appsDeployments, p.key)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	conditions, _, _ := unstructured.NestedSlice(deployment.Object, "status", "conditions")
	for _, item := range conditions {
		c, _ := item.(map[string]any)
		if c["type"] != "Available" {
			continue
		}
		text, _ := c["lastTransitionTime"].(string)
		at, err := time.Parse(time.RFC3339, text)
		return err == nil && c["status"] == "False" && at.Equal(deployment.GetCreationTimestamp().UTC()), nil
	}
	return true, nil
}

// haAvailable reports whether there are HA metadata to restore a job from.
func (p *pass) haAvailable() bool {
	in, now := p.in, p.now()
	if in.haMetadata {
		return true
	}
	if in.jm == nil || in.job == nil || !in.jm.highAvailable || !in.jm.up(now) {
		return false
	}
	state := in.job.state(now)
	return state != jobReconciling && state != jobFailed && state != jobFinished
}

// keepHA remembers the HA metadata of a cluster that is about to go.
func (p *pass) keepHA() {
	in := p.in
	in.haMetadata = true
	if path := in.job.lastCheckpoint(p.now()); path != "" {
		in.haPath = path
	} else if in.haPath == "" {
		in.haPath = in.restoredFrom
	}
}

// clusterGone reports whether somebody deleted the Deployment.
func (p *pass) clusterGone() bool {
	if p.in.jm == nil {
		return false
	}
	_, gone := p.world.isLost(p.in.jm.deploymentUID)
	return gone
}

// loseCluster is what is left after somebody deleted the Deployment.
func (p *pass) loseCluster() {
	if p.haAvailable() {
		p.keepHA()
	}
	p.world.disown(p.in.jm.deploymentUID, p.in.jm.podUID)
	p.world.hide(p.in.job)
	p.in.jm, p.in.job = nil, nil
}

// deleteCluster deletes what startCluster made, which takes a moment.
func (p *pass) deleteCluster(ctx context.Context) error {
	jm := p.in.jm
	p.world.disown(jm.deploymentUID, jm.podUID)
	if err := p.pause(ctx, 1); err != nil {
		return err
	}
	if err := p.removeObjects(ctx); err != nil {
		return err
	}
	p.world.hide(p.in.job)
	p.in.jm, p.in.job = nil, nil
	return nil
}

func (p *pass) removeObjects(ctx context.Context) error {
	pod := types.NamespacedName{Namespace: p.key.Namespace, Name: p.podName()}
	for _, step := range []struct {
		gvr schema.GroupVersionResource
		key types.NamespacedName
	}{{pods, pod}, {appsDeployments, p.key}} {
		if err := p.api.remove(ctx, step.gvr, step.key); err != nil {
			return err
		}
	}
	return nil
}

// podName is like the name that a ReplicaSet gives, but follows from the owner,
// so that it is known after a restart of the stand-in.
func (p *pass) podName() string {
	uid := strings.ReplaceAll(string(p.obj.GetUID()), "-", "")
	return fmt.Sprintf("%s-%s-%05d", p.key.Name, uid[:min(10, len(uid))], p.in.starts)
}

// adopt finds what an earlier life of the stand-in has started for an object.
func (p *pass) adopt(ctx context.Context) error {
	if p.st.Job.State == jobCancelling {
		p.st.Job.State = jobCanceled
	}
	if p.session {
		p.adoptSessionJob()
		return nil
	}
	in, now := p.in, p.now()
	deployment, err := p.api.get(ctx, appsDeployments, p.key)
	if apierrors.IsNotFound(err) {
		// Between two clusters; the HA metadata of the last one are still there.
		in.haMetadata = p.application() && p.last.spec.job.state == stateSuspended && p.last.spec.job.upgradeMode == modeLastState
		return nil
	}
	if err != nil {
		return err
	}
	annotations := deployment.GetAnnotations()
	in.starts, _ = strconv.Atoi(annotations[annotationStarts])
	in.restoredFrom = annotations[annotationRestoredFrom]
	in.running, in.epoch = p.last.spec.clone(), in.starts
	p.world.setEpoch(p.key, in.epoch)
	in.jm = &jobManager{
		deploymentUID: deployment.GetUID(), portOpen: now, highAvailable: highAvailability(flatConfig(in.running.config)),
		crashing: !p.world.restorable(in.restoredFrom),
	}
	pod, err := p.api.get(ctx, pods, types.NamespacedName{Namespace: p.key.Namespace, Name: p.podName()})
	switch {
	case err == nil:
		in.jm.podUID = pod.GetUID()
	case !apierrors.IsNotFound(err):
		return err
	}
	if in.running.image != nil && unpullable(*in.running.image) {
		in.jm.failure = pullFailure(*in.running.image)
	}
	p.world.own(in.jm.deploymentUID)
	p.world.own(in.jm.podUID)
	p.adoptJob()
	if p.st.JobManager == jmReady && in.jm.podUID != "" {
		return p.openREST(ctx)
	}
	return nil
}
