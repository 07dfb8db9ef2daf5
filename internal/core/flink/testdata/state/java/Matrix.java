import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.flink.core.execution.SavepointFormatType;

/**
 * Runs jobs with state in a Flink of its own.
 *
 * <ul>
 *   <li>{@code write VERSION FOLDER}: a job of each kind with each backend, and of each a canonical savepoint, a native one, and
 *       the checkpoint that it leaves behind; their paths are in the folder then
 *   <li>{@code read VERSION FOLDER}: a job for each cell of the table that begins with one of these, of any version; a line each
 * </ul>
 *
 * The kinds are those that need flink-avro where it is on the class path, and otherwise the others.
 */
public final class Matrix {
    private static final int WORKERS = 4;

    private final String version;
    private final Path folder;
    private final boolean withAvro = hasAvro();
    private final Cluster flink;

    private Matrix(String version, Path folder, Cluster flink) {
        this.version = version;
        this.folder = folder;
        this.flink = flink;
    }

    public static void main(String[] args) throws Exception {
        int status = 1;
        try (Cluster flink = new Cluster(args[1], Path.of(args[2]).toAbsolutePath())) {
            new Matrix(args[1], Path.of(args[2]).toAbsolutePath(), flink).run(args[0].equals("write"));
            status = 0;
        } catch (Exception e) {
            e.printStackTrace();
        }
        // Threads of a backend may outlive their jobs.
        System.exit(status);
    }

    private void run(boolean writes) throws Exception {
        StringBuilder paths = new StringBuilder();
        for (Future<String> done : Executors.newFixedThreadPool(WORKERS).invokeAll(writes ? writes() : reads())) {
            paths.append(done.get());
        }
        if (writes) {
            Files.writeString(folder.resolve(version + "." + withAvro + ".written"), paths, StandardCharsets.UTF_8);
        }
    }

    private static boolean hasAvro() {
        try {
            Class.forName("org.apache.flink.formats.avro.typeutils.AvroTypeInfo");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private List<Callable<String>> writes() {
        List<Callable<String>> jobs = new ArrayList<>();
        for (String backend : Cells.writers(version)) {
            for (Kind kind : Cells.kinds(backend, withAvro)) {
                jobs.add(() -> write(backend, kind));
            }
        }
        return jobs;
    }

    private String write(String backend, Kind kind) throws Exception {
        Cluster.Job job = flink.submit(String.join(" ", version, backend, kind.name()), kind, backend, null);
        String trouble = job.await();
        if (trouble == null && job.seen().same.size() < StateJob.KEYS) {
            trouble = "other values: " + job.seen().other.values();
        }
        if (trouble != null) {
            throw new IllegalStateException(version + " " + backend + " " + kind + ": " + trouble);
        }
        Map<String, String> paths = new LinkedHashMap<>();
        paths.put("native", job.savepoint(SavepointFormatType.NATIVE));
        paths.put("last_state", job.checkpoint());
        // The last one: a backend that has no such savepoints fails the job when it is asked for one.
        String canonical = job.savepoint(SavepointFormatType.CANONICAL);
        if (canonical == null) {
            canonical = "!" + job.failure();
        } else {
            job.cancel();
        }
        paths.put("canonical", canonical);
        return paths.entrySet().stream().map(path -> String.join("\t", version, backend, kind.name(), path.getKey(), path.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    private List<Callable<String>> reads() throws IOException {
        List<Callable<String>> cells = new ArrayList<>();
        for (String line : written()) {
            String[] written = line.split("\t", 5);
            for (String backend : Cells.readers(written[0], version, written[1], Kind.valueOf(written[2]), written[3])) {
                cells.add(() -> {
                    String cell = String.join("\t", minor(written[0]), minor(version), written[1], backend, written[3], written[2], read(written, backend));
                    System.out.println(cell);
                    return cell;
                });
            }
        }
        return cells;
    }

    private List<String> written() throws IOException {
        List<String> lines = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, "*." + withAvro + ".written")) {
            for (Path file : files) {
                lines.addAll(Files.readAllLines(file, StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    private static String minor(String version) {
        return version.substring(0, version.lastIndexOf('.'));
    }

    /** What became of one restore. */
    private String read(String[] written, String backend) throws Exception {
        if (written[4].startsWith("!")) {
            return "not written\t" + written[4].substring(1);
        }
        // A job that goes on from its last state owns it, as after a failure.
        boolean own = written[3].equals("last_state");
        String name = String.join(" ", String.join(" ", written), backend);
        Cluster.Job job;
        try {
            job = flink.submit(name, Kind.valueOf(written[2]), own ? backend + "+claim" : backend, written[4]);
        } catch (ExecutionException e) {
            return "refused\t" + Cause.of(e);
        }
        String trouble = job.await();
        if (trouble != null) {
            return (job.seen().open ? "failed\t" : "refused\t") + trouble;
        }
        if (job.checkpoint() == null) {
            return "failed\t" + job.failure();
        }
        job.cancel();
        if (!job.seen().other.isEmpty()) {
            return "other values\t" + job.seen().other.size() + " of " + StateJob.KEYS + ", " + Cause.plain(job.seen().other.values().iterator().next());
        }
        if (!job.seen().none.isEmpty()) {
            return "lost\t" + job.seen().none.size() + " of " + StateJob.KEYS;
        }
        return "same\t";
    }
}
