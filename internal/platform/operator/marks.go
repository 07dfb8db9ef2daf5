package operator

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The marks that the provider leaves in the cluster, and their lives. Each has
// one beginning and one end; what a process that was killed leaves is ended by
// the next apply.
//
//	mark                  on                              begins with                     ends with
//	creationAnnotation    every object that is created    Create                          the end of the wait, Settle, or an interrupt: by then the state has the object;
//	                                                                                      Release, of a create that is held until then (held.go).
//	                                                                                      After a kill the next create takes it over (creation.go)
//	askedAnnotation       an object with the former       another create of the name      the answer of who waits for the object, or the take-over
//	updateAnnotation      an object that is updated       Update that is awaited          the end of the wait; the next update writes another
//	recreationAnnotation  an object whose job starts from re-creation, rollback, restore, the end of the wait, else the first update after the job has started
//	                      a path that is not its own      color of a switch
//	replacesAnnotation    an object in the place of       re-creation, color of a switch  the next update
//	                      another
//	note (ConfigMap)      beside a deployment             before a delete that a create   the end of the wait or Settle of that create; a delete of the deployment.
//	                                                      is to follow                    Who creates from one says so
//	activeAnnotation      a color                         the first switch away from it,  the delete of the color
//	                                                      or to it
//	ingressAnnotation     a color                         its create                      the delete of the color; each update writes its own
//	deploymentLabel       a color, its Service, ingress   its create                      the delete of the object
//	managedByLabel        Services, ingresses, notes,     its create                      the delete of the object
//	                      access and settings
//	fko.RefusedAnnotation a color of the operator's     its version failed, and the     another version of the color, or its delete
//	                      engine                        operator has to give it up
//	secretsOfLabel        a Secret with values          before the create or update     an update to another version that has come to its end, or to none; the delete
//	                                                    that refers to it               of the deployment; a create that failed
//	retryKey              a FlinkBlueGreenDeployment      a change that is tried again    it stays, as its removal would be a change: nobody reads it
//	triggerNonce          a job                           a savepoint before 1.10         it stays, as the operator compares it with the next one
const (
	// creationAnnotation marks an object whose create has not come to its end,
	// with a creation. No state has the object yet.
	creationAnnotation = "flink-terraform.io/creation"
	// askedAnnotation asks whoever creates an object whether it still does. Its
	// value is the question's own.
	askedAnnotation = "flink-terraform.io/creation-asked"
	// updateAnnotation marks an object whose update is being waited for, with
	// the update's action. An update that was killed before it could record
	// anything is known by it.
	updateAnnotation = "flink-terraform.io/update"
	// recreationAnnotation marks an object whose job starts from another path
	// than the configured one. Its value is the configured path, which the
	// object has in the end, empty for none.
	recreationAnnotation = "flink-terraform.io/recreation"
	// replacesAnnotation lists the uids of the objects in whose place one was
	// created, separated by blanks: it is still the deployment that they were.
	replacesAnnotation = "flink-terraform.io/replaces"
	// activeAnnotation is on a color since it became the active one, with the
	// time of it. The active color is the one with the latest. It is patched,
	// and not part of what is applied.
	activeAnnotation = "flink-terraform.io/active-since"
	// ingressAnnotation keeps the ingress of a deployment on its colors. They
	// have none of their own: one ingress leads to whichever is active.
	ingressAnnotation = "flink-terraform.io/ingress"
	// deploymentLabel is on each color of a blue/green deployment and on what
	// leads to them, with the name of the whole.
	deploymentLabel = "flink-terraform.io/deployment"
)

// markPrefix begins the names of all marks that are annotations or labels.
const markPrefix = "flink-terraform.io/"

// unfinishedMarks are the annotations that end with a wait.
var unfinishedMarks = []string{creationAnnotation, askedAnnotation, updateAnnotation}

// isMarked tells whether the end of a create or an update is still to come.
func isMarked(object *unstructured.Unstructured) bool {
	annotations := object.GetAnnotations()
	return annotations[creationAnnotation] != "" || annotations[updateAnnotation] != ""
}

// WholeOf is the name of the deployment of which an object is a color, empty for one
// that is none.
func WholeOf(object *unstructured.Unstructured) string { return object.GetLabels()[deploymentLabel] }

// CreationOf is the mark of whoever creates an object, empty for none.
func CreationOf(object *unstructured.Unstructured) string {
	return object.GetAnnotations()[creationAnnotation]
}

// annotate notes on an object to send what is to be waited for.
func annotate(object *unstructured.Unstructured, name, value string) {
	annotations := map[string]string{name: value}
	maps.Copy(annotations, object.GetAnnotations())
	object.SetAnnotations(annotations)
}
