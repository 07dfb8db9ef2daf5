package platform

import (
	"context"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// SQL is what a platform has that runs SQL statements.
type SQL interface {
	ComputePools() Objects[ComputePool]
	KafkaCatalogs() Objects[KafkaCatalog]
	KafkaDatabases() Objects[KafkaDatabase]
	SecretMappings() Objects[SecretMapping]
	Statements() Objects[Statement]
}

// ConnectSQL connects to a platform that runs SQL statements. It contacts nothing
// itself.
type ConnectSQL func(ctx context.Context) (SQL, error)

// ConnectSecrets connects to the secrets of a platform. It contacts nothing itself.
type ConnectSecrets func(ctx context.Context) (Objects[Secret], error)

// Types of a compute pool.
const (
	PoolDedicated = "dedicated"
	PoolShared    = "shared"
)

// States of a shared compute pool.
const (
	PoolRunning   = "running"
	PoolSuspended = "suspended"
)

// ComputePool is where SQL statements run: with a cluster for each, or with one
// for all. It is in an environment.
type ComputePool struct {
	Described
	// Type is PoolDedicated or PoolShared.
	Type string
	// State is PoolRunning or PoolSuspended; empty where nobody says it.
	State string
	// Cluster is the specification of its clusters.
	Cluster flink.Tree
	// Phase is the platform's word for how the pool is, and Message what it says
	// about that.
	Phase, Message string
}

// Statement is an SQL statement, which runs on a compute pool. It is in an
// environment.
type Statement struct {
	Described
	SQL  string
	Pool string
	// Properties are those of the SQL session, such as sql.current-catalog, and
	// Configuration is Flink's.
	Properties, Configuration map[string]string
	// Parallelism is how many tasks of each operator run; 0 where nobody says it.
	Parallelism int64
	// Stopped tells that it shall not run, with a savepoint to go on from.
	Stopped bool
	// Phase is the platform's word for how it is, Detail what it says about that, and
	// Kind what it makes of the text, for example "INSERT_INTO".
	Phase, Detail, Kind string
	// Keeps is how the platform stops its job: flink.UpgradeSavepoint,
	// flink.UpgradeLastState or flink.UpgradeStateless; empty where that is not known.
	Keeps string
	// Savepoint is the path of the newest savepoint of a statement that is stopped.
	Savepoint string
	// On is its name on the platform, which is another one after a hand-over.
	On string
	// Proof is what showed that its job works.
	Proof string
	// Written is when the write of a change began, zero for none.
	Written time.Time

	StatementWishes
}

// StatementWishes are what a statement's resource says of how it shall be changed, and
// no platform keeps.
type StatementWishes struct {
	// Mode is how it shall be stopped, in the values of Keeps; empty for as the platform
	// does it.
	Mode string
	// SavepointPath is what it starts from, and AllowNonRestored has its job start
	// although a part of that belongs to nothing in it.
	SavepointPath    string
	AllowNonRestored bool
	// Redeploys drops its present state for SavepointPath.
	Redeploys bool
	// HandsOver has another statement on the platform take over the state of this one.
	HandsOver bool
	// Leaves tells of a change that it neither starts nor stops a job.
	Leaves         bool
	AllowStateLoss bool
	// ProveFor is how long its job has to run without a restart, unless its first
	// checkpoint completes before; zero asks for no proof.
	ProveFor time.Duration
	// OnDestroy is a statement that is carried out before this one is deleted.
	OnDestroy string
}

// Connection is how a platform reaches a service: options of its client, and the
// identifier by which each environment names the secret with the rest of them.
type Connection struct {
	Config map[string]string
	// SecretID is what a SecretMapping is named; empty for no secret.
	SecretID string
}

// KafkaCatalog has the schemas of Kafka topics, which SQL statements see as tables.
type KafkaCatalog struct {
	Described
	// Registry is the schema registry.
	Registry Connection
	// Access are the environments that can use it, as the platform says.
	Access []string
}

// KafkaDatabase is a Kafka cluster in a catalog, which it is in: its topics are
// tables.
type KafkaDatabase struct {
	Described
	Cluster Connection
	// DDLEnvironments are those whose statements may create, change and drop tables.
	DDLEnvironments []string
	// Access are the environments that can use it, as the platform says.
	Access []string
}

// Secret has values that nobody shall see, and the platform does not show. It is in
// an environment, or all environments share it.
type Secret struct {
	Described
	Data map[string]string
	// Version is another one after each change of the values, as the platform says.
	Version string
	// Environments are those that map the secret, where they share it.
	Environments []string
}

// SecretMapping says, in an environment, which secret an identifier of a
// Connection means there. The identifier is its name.
type SecretMapping struct {
	Described
	// Secret is the name of the secret.
	Secret string
}
