import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Sums numbers by key, so that it has keyed state, and fails on request.
 *
 * <ul>
 *   <li>{@code --count N}: numbers to read; the job finishes then (default: practically without end)
 *   <li>{@code --delay-ms D}: pause after each number (default 20)
 *   <li>{@code --fail-start}: throw in main, before the job is submitted
 *   <li>{@code --fail-after N}: throw in a task once it has read N numbers
 * </ul>
 */
public class CounterJob {
    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        if (options.containsKey("fail-start")) {
            throw new IllegalStateException("asked to fail at start");
        }
        long count = Long.parseLong(options.getOrDefault("count", "1000000000000"));
        long delay = Long.parseLong(options.getOrDefault("delay-ms", "20"));
        long failAfter = Long.parseLong(options.getOrDefault("fail-after", "-1"));

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        // Every operator has a uid: a savepoint then fits a job with another parallelism or other operators beside them.
        env.fromSequence(1, count).uid("source")
                .map(number -> {
                    Thread.sleep(delay);
                    if (failAfter >= 0 && number > failAfter) {
                        throw new IllegalStateException("asked to fail after " + failAfter);
                    }
                    return number;
                }).returns(Long.class).uid("throttle")
                .keyBy(number -> number % 10).reduce(Long::sum).uid("sum")
                .filter(sum -> false).uid("drop")
                .print().uid("sink");
        env.execute("counter");
    }

    static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--")) {
                continue;
            }
            boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
            options.put(args[i].substring(2), hasValue ? args[i + 1] : "true");
        }
        return options;
    }
}
