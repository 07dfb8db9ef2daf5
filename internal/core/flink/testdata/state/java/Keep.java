import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keeps the value of each key, and of one kind a timer too, which is what is looked for then. */
final class Keep extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
    /** The time at which the timers of all keys fire. */
    static final long TIMER = 1_000_000;
    /** So many numbers of a key later its timer has fired, or never does. */
    static final int PATIENCE = 20;

    private final String name;
    private final Kind kind;
    private final boolean writes;
    private transient ValueState<Object> state;
    private transient java.util.Map<Long, Integer> late;

    Keep(String name, Kind kind, boolean writes) {
        this.name = name;
        this.kind = kind;
        this.writes = writes;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void initializeState(FunctionInitializationContext context) {
        state = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("value", (TypeInformation<Object>) kind.type()));
        late = new java.util.HashMap<>();
        StateJob.SEEN.get(name).open = true;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        long key = context.getCurrentKey();
        StateJob.Seen seen = StateJob.SEEN.get(name);
        Object value = state.value();
        if (value == null && writes) {
            value = kind.value(key);
            state.update(value);
            if (kind == Kind.timers) {
                context.timerService().registerEventTimeTimer(TIMER);
            }
        }
        if (kind != Kind.timers || writes) {
            seen.found(kind, key, value);
        } else if (context.timerService().currentWatermark() >= TIMER && late.merge(key, 1, Integer::sum) > PATIENCE && !seen.same.contains(key)) {
            seen.none.add(key);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Long> out) throws Exception {
        StateJob.SEEN.get(name).found(kind, context.getCurrentKey(), state.value());
    }
}
