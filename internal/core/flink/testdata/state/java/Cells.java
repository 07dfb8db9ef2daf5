import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which jobs write, and which cells the table has. A backend has what is set besides with it, as in rocksdb+incremental. */
final class Cells {
    private static final List<String> EVERYWHERE = List.of("hashmap", "rocksdb", "rocksdb+incremental");
    /** The changelog has these keys since then. */
    private static final List<String> SINCE_1_20 = List.of("hashmap+changelog", "rocksdb+changelog");
    private static final List<String> SINCE_2 = List.of("forst", "forst+async", "forst+timers-on-heap");
    /** The kinds that are restored in each way; the others differ from one of these in one point. */
    private static final Set<Kind> WHOLE = EnumSet.of(Kind.pojo, Kind.timers, Kind.collections, Kind.kryo, Kind.avro);

    private Cells() {}

    static List<String> writers(String version) {
        List<String> out = new ArrayList<>(EVERYWHERE);
        if (!version.startsWith("1.18")) {
            out.addAll(SINCE_1_20);
        }
        if (!version.startsWith("1.")) {
            out.addAll(SINCE_2);
        }
        return out;
    }

    /** All kinds, but only the simplest where something is set besides. */
    static List<Kind> kinds(String backend, boolean withAvro) {
        List<Kind> all = backend.contains("+") ? List.of(Kind.pojo) : Arrays.asList(Kind.values());
        return all.stream().filter(kind -> kind.withAvro == withAvro).collect(Collectors.toList());
    }

    /** The backends that a version reads something with. */
    static List<String> readers(String from, String to, String before, Kind kind, String way) {
        if (!writers(from).contains(before) || !WHOLE.contains(kind) && way.equals("native")) {
            return List.of();
        }
        List<String> out = new ArrayList<>();
        for (String after : writers(to)) {
            if (before.equals(after) || changes(from, to, before, after, kind)) {
                out.add(after);
            }
        }
        if (from.equals(to) && kind == Kind.pojo) {
            out.addAll(settings(to, before, way));
        }
        return out;
    }

    /** Whether something is read with another backend than it was written with: the simplest values, and timers. */
    private static boolean changes(String from, String to, String before, String after, Kind kind) {
        if (!from.equals(to)) {
            // To the backend that came with Flink 2, with the last version before it.
            return (kind == Kind.pojo || kind == Kind.timers) && from.startsWith("1.20") && after.startsWith("forst") && !after.equals("forst+async")
                    && !before.contains("+changelog");
        }
        if (kind == Kind.timers) {
            // They have a place of their own in each backend.
            return !after.contains("+") || after.equals("forst+timers-on-heap");
        }
        return kind == Kind.pojo && (!before.contains("+") || !after.contains("+"));
    }

    /** The same backend with something else besides. */
    private static List<String> settings(String version, String before, String way) {
        List<String> out = new ArrayList<>();
        boolean savepoint = !way.equals("last_state");
        if (before.endsWith("+changelog") && savepoint) {
            out.add(before + "+claim");
        }
        if (!before.contains("+")) {
            out.add(before + "+parallelism=2");
            out.add(before + "+max-parallelism=256");
            if (savepoint && writers(version).contains(before + "+changelog")) {
                out.add(before + "+changelog+claim");
            }
        }
        return out;
    }
}
