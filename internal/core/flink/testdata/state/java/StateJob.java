import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/** A job that keeps one value a key. It writes the known values where it finds none on the way, or only looks. */
final class StateJob {
    static final int KEYS = 40;
    /** What the jobs of this process have seen, by their names. */
    static final Map<String, Seen> SEEN = new ConcurrentHashMap<>();

    /** What one job has seen. */
    static final class Seen {
        /** Its state is restored, and its function goes on. */
        volatile boolean open;
        /** The keys whose value is the known one, those that have another, and those that have none. */
        final Set<Long> same = ConcurrentHashMap.newKeySet();
        final Map<Long, String> other = new ConcurrentSkipListMap<>();
        final Set<Long> none = ConcurrentHashMap.newKeySet();

        /** Notes the value that a key has. */
        void found(Kind kind, long key, Object value) {
            if (value == null) {
                none.add(key);
                return;
            }
            String known = Kind.text(kind.value(key));
            String found;
            try {
                found = Kind.text(value);
            } catch (RuntimeException e) {
                // A value can come back so that it cannot even be looked at.
                found = e.toString();
            }
            if (found.equals(known)) {
                same.add(key);
            } else {
                other.putIfAbsent(key, found + " for " + known);
            }
        }

        /** How many keys have been seen. */
        int keys() {
            return same.size() + other.size() + none.size();
        }
    }

    private StateJob() {}

    /** The job of a name. With async it does not wait for its state, which Flink 2 alone can. */
    @SuppressWarnings("unchecked")
    static JobGraph graph(String name, Kind kind, boolean writes, boolean async, Configuration configuration) throws ReflectiveOperationException {
        SEEN.put(name, new Seen());
        kind.configure(configuration);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setBufferTimeout(10);
        env.getConfig().setAutoWatermarkInterval(20);
        // A job that writes stands before all timers, and one that reads is past them.
        long now = writes ? 0 : 2 * Keep.TIMER;
        KeyedStream<Long, Long> keyed = env.fromSequence(0, Long.MAX_VALUE - 1).setParallelism(1).uid("source")
                .map(new Throttle()).setParallelism(1).uid("throttle")
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((number, before) -> now))
                .setParallelism(1).uid("time")
                .keyBy(number -> number % KEYS);
        KeyedProcessFunction<Long, Long, Long> keep;
        if (async) {
            keyed = (KeyedStream<Long, Long>) KeyedStream.class.getMethod("enableAsyncState").invoke(keyed);
            keep = (KeyedProcessFunction<Long, Long, Long>) Class.forName("AsyncKeep")
                    .getDeclaredConstructor(String.class, Kind.class, boolean.class).newInstance(name, kind, writes);
        } else {
            keep = new Keep(name, kind, writes);
        }
        keyed.process(keep).uid("keep").filter(number -> false).uid("drop").print().uid("sink");
        return env.getStreamGraph().getJobGraph();
    }

    /** Lets a job see all keys some times, and then take nearly nothing of a core. */
    static final class Throttle implements MapFunction<Long, Long> {
        private transient int numbers;

        @Override
        public Long map(Long number) throws Exception {
            if (++numbers > 2 * Keep.PATIENCE * KEYS) {
                Thread.sleep(20);
            }
            return number;
        }
    }
}
