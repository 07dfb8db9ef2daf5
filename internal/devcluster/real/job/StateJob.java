import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.accumulators.ListAccumulator;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps one value a key as state, and looks whenever the key comes by whether the value still is what it was made: each of
 * its fields follows from the key and from how often it came by. What it found is in its accumulators:
 *
 * <ul>
 *   <li>{@code checked}: values that were as they must be
 *   <li>{@code restored}: keys that had a value when this execution of a task saw them first
 *   <li>{@code wrong}: the first values of a task that were not, in words
 *   <li>{@code newest}: how often the last key seen had come by
 * </ul>
 *
 * <ul>
 *   <li>{@code --state KIND}: the type of the value: simple (a POJO of simple fields), collections (a POJO with a list, a set
 *       and a map), kryo (a type that Flink does not know, so Kryo has it, of numbers and a text)
 *   <li>{@code --keys N}: keys (default 10)
 *   <li>{@code --delay-ms D}: pause after each number (default 20)
 * </ul>
 */
public class StateJob {
    public static void main(String[] args) throws Exception {
        Map<String, String> options = CounterJob.options(args);
        String kind = options.getOrDefault("state", "simple");
        long keys = Long.parseLong(options.getOrDefault("keys", "10"));
        long delay = Long.parseLong(options.getOrDefault("delay-ms", "20"));

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(1, 1000000000000L).uid("source")
                .map(number -> {
                    Thread.sleep(delay);
                    return number;
                }).returns(Long.class).uid("throttle")
                .keyBy(number -> number % keys)
                .process(keeper(kind)).returns(Long.class).uid("keeper")
                .filter(count -> false).uid("drop")
                .print().uid("sink");
        env.execute("state");
    }

    private static Keeper<?> keeper(String kind) {
        switch (kind) {
            case "simple":
                return new Keeper<>(Simple.class) {
                    @Override
                    Simple make(long key, long count) {
                        return new Simple(key, count);
                    }
                };
            case "collections":
                return new Keeper<>(Collections.class) {
                    @Override
                    Collections make(long key, long count) {
                        return new Collections(key, count);
                    }
                };
            case "kryo":
                return new Keeper<>(Unknown.class) {
                    @Override
                    Unknown make(long key, long count) {
                        return new Unknown(key, count);
                    }
                };
            default:
                throw new IllegalArgumentException("--state is none of simple, collections and kryo: " + kind);
        }
    }

    /** What each type of value tells of itself. */
    interface Value {
        long count();

        /** All fields, in words. */
        String told();
    }

    /** The one operator with state. It has no method open, whose parameter is another one in Flink 2. */
    abstract static class Keeper<T extends Value> extends KeyedProcessFunction<Long, Long, Long> {
        private static final int WRONG_TOLD = 3;

        private final Class<T> type;
        private transient ValueState<T> state;
        private transient Set<Long> seen;
        private transient LongCounter checked;
        private transient LongCounter restored;
        private transient LongCounter newest;
        private transient ListAccumulator<String> wrong;

        Keeper(Class<T> type) {
            this.type = type;
        }

        abstract T make(long key, long count);

        private void begin() {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("value", type));
            seen = new HashSet<>();
            checked = new LongCounter();
            restored = new LongCounter();
            newest = new LongCounter();
            wrong = new ListAccumulator<>();
            getRuntimeContext().addAccumulator("checked", checked);
            getRuntimeContext().addAccumulator("restored", restored);
            getRuntimeContext().addAccumulator("newest", newest);
            getRuntimeContext().addAccumulator("wrong", wrong);
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            if (state == null) {
                begin();
            }
            long key = context.getCurrentKey();
            boolean first = seen.add(key);
            T value = state.value();
            long count = 0;
            if (value != null) {
                count = value.count();
                if (first) {
                    restored.add(1);
                }
                String told = value.told();
                String want = make(key, count).told();
                if (told.equals(want)) {
                    checked.add(1);
                } else if (wrong.getLocalValue().size() < WRONG_TOLD) {
                    wrong.add("the state of key " + key + " is " + told + ", not " + want);
                }
            }
            state.update(make(key, count + 1));
            newest.resetLocal();
            newest.add(count + 1);
            out.collect(count);
        }
    }

    /** A POJO of simple fields. */
    public static class Simple implements Value {
        public long key;
        public long count;
        public int number;
        public double ratio;
        public boolean even;
        public String text;

        public Simple() {}

        Simple(long key, long count) {
            this.key = key;
            this.count = count;
            number = (int) (31 * count);
            ratio = count / 8.0;
            even = count % 2 == 0;
            text = "key " + key + " for the time " + count;
        }

        @Override
        public long count() {
            return count;
        }

        @Override
        public String told() {
            return String.join(", ", "" + key, "" + count, "" + number, "" + ratio, "" + even, "" + text);
        }
    }

    /** A POJO with collections. */
    public static class Collections implements Value {
        public long key;
        public long count;
        public List<String> list;
        public Set<Long> set;
        public Map<String, Long> map;

        public Collections() {}

        Collections(long key, long count) {
            this.key = key;
            this.count = count;
            list = new java.util.ArrayList<>(List.of("a" + key, "b" + count));
            set = new HashSet<>(Set.of(key));
            map = new HashMap<>(Map.of("count", count));
        }

        @Override
        public long count() {
            return count;
        }

        @Override
        public String told() {
            return String.join(", ", "" + key, "" + count, "" + list, "" + set, "" + map);
        }
    }

    /**
     * No POJO: it has no constructor without parameters, and its fields have no setters. With a collection Flink 2 would not read it
     * at all; this it reads as other numbers.
     */
    public static class Unknown implements Value {
        private final long key;
        private final double counted;
        private final String text;

        Unknown(long key, long count) {
            this.key = key;
            counted = count;
            text = "key " + key;
        }

        @Override
        public long count() {
            return (long) counted;
        }

        @Override
        public String told() {
            return String.join(", ", "" + key, "" + counted, "" + text);
        }
    }
}
