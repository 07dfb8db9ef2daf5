import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.util.SerializedThrowable;

/** A JobManager and a TaskManager in this process, and the settings of the jobs that run there. */
final class Cluster implements AutoCloseable {
    /** A machine that does much else lets one wait. */
    private static final long SECONDS = 300;

    private final String version;
    private final Path folder;
    private final MiniCluster flink;

    Cluster(String version, Path folder) throws Exception {
        this.version = version;
        this.folder = folder;
        Configuration configuration = new Configuration();
        configuration.setString("rest.port", "0");
        configuration.setString("rest.bind-port", "0");
        configuration.setString("taskmanager.memory.managed.size", "512m");
        configuration.setString("taskmanager.memory.network.max", "128m");
        configuration.setString("taskmanager.memory.network.min", "128m");
        configuration.setString("state.changelog.storage", "filesystem");
        configuration.setString("dstl.dfs.base-path", folder.resolve("changelog").toUri().toString());
        configuration.setString("heartbeat.timeout", "300000");
        // Nothing that was claimed is deleted, since the next job begins with it too. Before 1.20 no job has this for itself.
        configuration.setString("state.checkpoints.num-retained", "1000");
        flink = new MiniCluster(new MiniClusterConfiguration.Builder().setConfiguration(configuration)
                .setNumTaskManagers(1).setNumSlotsPerTaskManager(16).build());
        flink.start();
    }

    /** A job that was submitted. */
    final class Job {
        private final JobID id;
        private final StateJob.Seen seen;

        private Job(JobID id, StateJob.Seen seen) {
            this.id = id;
            this.seen = seen;
        }

        StateJob.Seen seen() {
            return seen;
        }

        /** Waits until it has seen all keys, or has failed: then it returns the cause. */
        String await() throws Exception {
            var result = flink.requestJobResult(id);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (seen.keys() < StateJob.KEYS) {
                try {
                    return cause(result.get(20, TimeUnit.MILLISECONDS).getSerializedThrowable().orElseThrow());
                } catch (TimeoutException e) {
                    if (System.nanoTime() > end) {
                        throw e;
                    }
                }
            }
            return null;
        }

        /** Takes a savepoint and returns its path, or null if it failed. */
        String savepoint(SavepointFormatType format) throws Exception {
            return path(() -> flink.triggerSavepoint(id, folder.resolve("savepoints").toUri().toString(), false, format));
        }

        /** Takes a checkpoint and returns its path, or null if it failed. */
        String checkpoint() throws Exception {
            return path(() -> flink.triggerCheckpoint(id));
        }

        private String path(Callable<CompletableFuture<String>> trigger) throws Exception {
            try {
                return trigger.call().get(SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                return null;
            }
        }

        /** Waits for its end, and returns the cause. */
        String failure() throws Exception {
            return cause(flink.requestJobResult(id).get(SECONDS, TimeUnit.SECONDS).getSerializedThrowable().orElseThrow());
        }

        void cancel() throws Exception {
            flink.cancelJob(id).get(SECONDS, TimeUnit.SECONDS);
            flink.requestJobResult(id).get(SECONDS, TimeUnit.SECONDS);
        }

        private String cause(SerializedThrowable failure) {
            Throwable cause = failure.deserializeError(Cluster.class.getClassLoader());
            if (cause instanceof JobCancellationException) {
                throw new IllegalStateException("nobody has cancelled this job");
            }
            return Cause.of(cause);
        }
    }

    /** Submits a job with the settings of that name, from a path if there is one. What the JobManager refuses at once is an ExecutionException. */
    Job submit(String name, Kind kind, String settings, String path) throws Exception {
        Configuration configuration = settings(settings);
        if (path != null) {
            configuration.setString("execution.savepoint.path", path);
        }
        JobGraph graph = StateJob.graph(name, kind, path == null, settings.contains("+async"), configuration);
        Job job = new Job(graph.getJobID(), StateJob.SEEN.get(name));
        flink.submitJob(graph).get(SECONDS, TimeUnit.SECONDS);
        return job;
    }

    /** The settings of a name, a backend with what is set besides, for example rocksdb+incremental. */
    private Configuration settings(String name) {
        Configuration configuration = new Configuration();
        String[] parts = name.split("\\+");
        configuration.setString(version.startsWith("1.18") ? "state.backend" : "state.backend.type", parts[0]);
        configuration.setString("restart-strategy.type", "none");
        configuration.setString("state.checkpoints.num-retained", "1000");
        configuration.setString("state.checkpoints.dir", folder.resolve("checkpoints").toUri().toString());
        configuration.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        configuration.setString("execution.checkpointing.interval", "10000 h");
        // All state is in files, however small.
        configuration.setString("state.storage.fs.memory-threshold", "0");
        for (int i = 1; i < parts.length; i++) {
            set(configuration, parts[i]);
        }
        return configuration;
    }

    private void set(Configuration configuration, String part) {
        switch (part) {
            case "incremental":
                configuration.setString(version.startsWith("1.") ? "state.backend.incremental" : "execution.checkpointing.incremental", "true");
                break;
            case "changelog":
                configuration.setString("state.changelog.enabled", "true");
                break;
            case "claim":
                configuration.setString("execution.savepoint-restore-mode", "CLAIM");
                break;
            case "parallelism=2":
                configuration.setString("parallelism.default", "2");
                break;
            case "max-parallelism=256":
                configuration.setString("pipeline.max-parallelism", "256");
                break;
            case "timers-on-heap":
                configuration.setString("state.backend.forst.timer-service.factory", "HEAP");
                break;
            case "async":
                break;
            default:
                throw new IllegalArgumentException(part);
        }
    }

    @Override
    public void close() throws Exception {
        flink.close();
    }
}
