import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.v2.ValueState;
import org.apache.flink.api.common.state.v2.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** What Keep does, by the interfaces to state that do not wait for it, which came with Flink 2. */
final class AsyncKeep extends KeyedProcessFunction<Long, Long, Long> {
    private final String name;
    private final Kind kind;
    private final boolean writes;
    private transient ValueState<Object> state;

    AsyncKeep(String name, Kind kind, boolean writes) {
        this.name = name;
        this.kind = kind;
        this.writes = writes;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void open(OpenContext context) {
        state = getRuntimeContext().getState(new ValueStateDescriptor<>("value", (TypeInformation<Object>) kind.type()));
        StateJob.SEEN.get(name).open = true;
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) {
        long key = context.getCurrentKey();
        state.asyncValue().thenAccept(value -> {
            if (value == null && writes) {
                Object known = kind.value(key);
                state.asyncUpdate(known).thenAccept(done -> StateJob.SEEN.get(name).found(kind, key, known));
            } else {
                StateJob.SEEN.get(name).found(kind, key, value);
            }
        });
    }
}
