package standin

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// world remembers what the simulated Flink clusters do. The apiserver holds all
// that the operator knows; this is what the operator would ask Flink.
type world struct {
	mu        sync.Mutex
	instances map[types.UID]*instance
	epochs    map[types.NamespacedName]int // of a session cluster's JobManager
	owned     map[types.UID]bool           // Deployments and pods that should be there
	lost      map[types.UID]time.Time      // those that somebody took away, with when the operator can know
	deleted   map[string]bool              // checkpoints that Flink has removed
	jobs      map[string]flinkJob          // what the JobManagers tell, by the id of the job
}

// instance is the Flink behind one object. Only the object's own passes use it,
// and the queue runs those one after the other.
type instance struct {
	jm         *jobManager
	job        *flinkJob
	haMetadata bool   // left behind by a deleted cluster
	haPath     string // the checkpoint that the metadata point to
	starts     int
	epoch      int  // JobManagers so far; for a session job: its cluster's when the job was last seen
	mountError bool // the injected mount error has happened

	// What the current JobManager or session job was started with.
	running           *spec
	restoredFrom      string // a path; "" for an empty state
	restoredLastState bool
}

func newWorld() *world {
	return &world{
		instances: map[types.UID]*instance{}, epochs: map[types.NamespacedName]int{},
		owned: map[types.UID]bool{}, lost: map[types.UID]time.Time{}, deleted: map[string]bool{},
		jobs: map[string]flinkJob{},
	}
}

// instance returns what is remembered of an object, and whether that is nothing.
func (w *world) instance(uid types.UID) (in *instance, isNew bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, ok := w.instances[uid]
	if !ok {
		in = &instance{}
		w.instances[uid] = in
	}
	return in, !ok
}

func (w *world) forget(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if in := w.instances[uid]; in != nil && in.job != nil {
		delete(w.jobs, in.job.id)
	}
	delete(w.instances, uid)
}

// show publishes what the JobManager knows of a job.
func (w *world) show(job flinkJob) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs[job.id] = job
}

// hide takes the JobManager of a job away.
func (w *world) hide(job *flinkJob) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if job != nil {
		delete(w.jobs, job.id)
	}
}

// shown returns what the JobManager knows of a job, nil for nothing.
func (w *world) shown(id string) *flinkJob {
	w.mu.Lock()
	defer w.mu.Unlock()
	job, ok := w.jobs[id]
	if !ok {
		return nil
	}
	return &job
}

// own says that Deployment or pod uid should exist.
func (w *world) own(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if uid != "" {
		w.owned[uid] = true
	}
}

// disown says that the stand-in itself removes them.
func (w *world) disown(uids ...types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, uid := range uids {
		delete(w.owned, uid)
		delete(w.lost, uid)
	}
}

// loose notes that uid has gone, which the operator learns at known, and reports
// whether it should be there.
func (w *world) loose(uid types.UID, known time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.owned[uid] {
		return false
	}
	w.lost[uid] = known
	return true
}

// isLost reports whether uid has gone, and when the operator knows.
func (w *world) isLost(uid types.UID) (known time.Time, gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known, gone = w.lost[uid]
	return known, gone
}

// setEpoch publishes how often the JobManager of a cluster has started.
func (w *world) setEpoch(cluster types.NamespacedName, epoch int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epochs[cluster] = epoch
}

func (w *world) epochOf(cluster types.NamespacedName) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.epochs[cluster]
}

// deleteCheckpoint is what Flink does with the checkpoints of a finished job.
func (w *world) deleteCheckpoint(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if path != "" {
		w.deleted[path] = true
	}
}

// restorable reports whether there is something at a path to restore from.
func (w *world) restorable(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !missingPath(path) && !w.deleted[path]
}
