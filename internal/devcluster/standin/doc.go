// Package standin plays the Flink Kubernetes Operator on a control plane without nodes, for acceptance tests and
// demonstrations. It behaves like the operator as seen from the API: finalizers, the order of status writes, observed
// generations, lastReconciledSpec and lastStableSpec, upgrades by mode, rollback, savepoints and their
// FlinkStateSnapshots, validation errors, Events, deletion. Behind it is no Flink, but a simulation that runs through
// the states of a JobManager and a job in steps of a configurable length (Options.Speed). One step stands for about a
// second of a real operator with a reconcile interval of five seconds; durations of the operator's own configuration
// (kubernetes.operator.deployment.readiness.timeout) count one step a second.
//
// A FlinkBlueGreenDeployment makes its two FlinkDeployments <name>-blue and <name>-green, which are played like any
// other; the traps of the recorded operator included: a spec that comes while the active color does not run is
// forgotten, a color that was aborted is reused and resumes from its older savepoint, a spec that corrects an invalid
// one before the abort jams the parent, and a color that fails later is not noticed. A second of spec.configuration is
// one step too.
//
// For each deployment it makes an apps/v1 Deployment, a JobManager pod with a status, and the service <name>-rest.
// The apiserver's service proxy reaches the JobManagers' REST interface: details, checkpoints and exceptions of a job
// (/jobs/<id>). A checkpoint is completed soon after any job runs, also without checkpointing.
// What a job was restored from stands in the Deployment's annotation standin.flink/restored-from (empty: from nothing),
// and standin.flink/starts counts the starts of its JobManager. A session job has the two on the Deployment of its
// cluster, with .<name of the session job> appended.
//
// # Topics
//
// RunTopics plays Strimzi's Topic Operator beside it, as it was seen to behave: what it writes into a KafkaTopic, and when.
// A Kafka is a ConfigMap <name>-kafka with the label standin.flink/kafka; its Topic Operator watches the KafkaTopics of that
// namespace with the label strimzi.io/cluster=<name>. Without the ConfigMap nothing ever happens to them. Its data are the
// topics, each a JSON text: {"id", "partitions", "replicas", "config", "records"}. A test may change them as somebody at
// Kafka would, and puts a number into records, which is 0 again in a topic that was created anew. Annotations of the ConfigMap:
//
//	standin.flink/kafka-down  true: Kafka does not answer while it is present
//	standin.flink/brokers     number of brokers, by default 3
//
// # Faults
//
// A test asks for faults by annotations on a FlinkDeployment, and on a FlinkSessionJob where that makes sense:
//
//	standin.flink/pod-error                reason[:message]. The JobManager's pods do not start while it is present:
//	                                       ErrImagePull, ImagePullBackOff, CrashLoopBackOff, OOMKilled, FailedMount,
//	                                       FailedCreate, CreateContainerConfigError, ... (JobManager ERROR), and
//	                                       Unschedulable (stays DEPLOYING). Taken away, the waiting pod starts.
//	standin.flink/job-fails                at-start[:message] or after-running[:message], for jobs started meanwhile
//	standin.flink/job-restarts             duration (Go)[,once][:message], for jobs started meanwhile: a task throws each
//	                                       time that the job has run for so long, or the first time only, and the job
//	                                       restarts; the status shows it now and then, the JobManager tells of each
//	standin.flink/slow-start               duration (Go) that the JobManager takes longer to start
//	standin.flink/held                     true: a JobManager that starts and a job that lost its pods get no further while
//	                                       it is present
//	standin.flink/first-start-mount-error  true: the next start shows FailedMount for five steps and then works
//	standin.flink/manual-restore           true: a JobManager that never started is not taken for one, so that
//	                                       an upgrade ends in "Manual restore required."
//	standin.flink/savepoint-fails          message, or true: every savepoint fails
//	standin.flink/savepoint-slow           duration (Go) that a savepoint takes longer
//	standin.flink/status-never             true: the finalizer is added and then nothing happens, until it is deleted
//	standin.flink/stuck-deletion           true: the finalizer stays
//
// On a FlinkBlueGreenDeployment they begin with the color whose FlinkDeployment they are for, since the operator hands
// on no annotations: standin.flink/green-pod-error, standin.flink/blue-savepoint-slow (the savepoint of a switch is one
// of the color that is active before it). They hold for every life of that color.
//
// Without annotations, as in the recorded jobs:
//
//	image with tag nope...                 cannot be pulled
//	image with tag crash...                a task throws when the job has run for two steps, each time; the job restarts
//	job.args --fail-start                  the program fails in main
//	job.args --fail-after N                the job fails after N numbers, 200 numbers a step
//	job.args --count N                     the job finishes after N numbers
//	savepoint directory file:///proc/...   cannot be written
//	savepoint path .../none                does not exist
//	jarURI .../missing.jar                 does not exist (session jobs)
//	jarURI .../huge.jar, endless.jar, looping.jar, moved.jar
//	                                       is too large, takes too long, is redirected too often or to where nothing may
//	                                       be fetched from (session jobs, since 1.16)
//	jarURI with a host below .internal or .invalid, or below .svc or .localhost
//	                                       cannot be resolved, or is of the operator's own network (session jobs, since 1.15)
//	service account that does not exist    the pod cannot be created (FailedCreate), and is once it exists
package standin
