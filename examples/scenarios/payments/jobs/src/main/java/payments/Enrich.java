package payments;

import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Adds to each payment the how many-th of its account it is, and what the account has paid up to it. */
public final class Enrich {
    public static void main(String[] args) throws Exception {
        ApplicationDocument document = ApplicationDocument.read();
        Topics topics = new Topics(document);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        DataStream<Payment> enriched = topics.read(env, "payments", new AvroPayments(document.inlet("payments")))
                .keyBy(payment -> payment.account)
                .process(new Count(document.config("model", "plain"), document.config("largest", "1000000")))
                .uid("count");
        topics.write(enriched, "enriched", new AvroPayments(document.outlet("enriched").orElseThrow()), payment -> payment.account);
        env.execute(document.name());
    }

    /** Counts by account. A payment above the largest amount counts as that. */
    static final class Count extends KeyedProcessFunction<String, Payment, Payment> {
        private final String model;
        private final String configured;
        private transient long largest;
        private transient ValueState<Long> nth;
        private transient ValueState<Long> total;

        Count(String model, String configured) {
            this.model = model;
            this.configured = configured;
        }

        @Override
        public void open(Configuration parameters) {
            largest = Long.parseLong(configured);
            nth = getRuntimeContext().getState(new ValueStateDescriptor<>("nth", Long.class));
            total = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Long.class));
        }

        @Override
        public void processElement(Payment payment, Context context, Collector<Payment> out) throws Exception {
            payment.nth = or0(nth.value()) + 1;
            payment.total = or0(total.value()) + Math.min(payment.cents, largest);
            payment.model = model;
            nth.update(payment.nth);
            total.update(payment.total);
            out.collect(payment);
        }

        private static long or0(Long value) {
            return value == null ? 0 : value;
        }
    }
}
