// Package cloudflow is a stand-in of Cloudflow's operator, as that of 2.3 behaves on a control plane of today:
//
//   - it looks only at CloudflowApplications with the label app.kubernetes.io/managed-by=cloudflow;
//   - a streamlet whose Secret is not there within 12 s has it give up, and do nothing until it is restarted; one whose Secret
//     goes later fails the application for good;
//   - only streamlets of the runtime akka get a Deployment; of others the status has a pod <external>, which is ready;
//   - a status appears with the first pod, has no generation, and speaks for whichever pods there are;
//   - a topic goes by the id of its port mapping, as the API server drops the mapping's configuration. Where the brokers are
//     comes from the streamlet's Secret, else from the Secret cloudflow-kafka-cluster-<name> in the operator's namespace; the
//     ConfigMap topic-<id> has no owner and stays;
//   - the configuration of pods is ignored as a whole when one key of it is wrong.
//
// Pods are played: there is no kubelet. These ask for a fault:
//
//	image with a tag that begins with nope      ErrImagePull, later ImagePullBackOff
//	annotation standin.cloudflow/crash: text    the container ends with the text again and again
//
// The real one looks at all namespaces. This one looks at those with the label standin.cloudflow/operator whose value is its
// own namespace, so that several may share a cluster.
package cloudflow
