package payments;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Takes lines, and writes those that are payments to the outlet {@code valid}, the others to {@code invalid}. */
public final class Ingest {
    private static final OutputTag<String> INVALID = new OutputTag<String>("invalid") {};

    public static void main(String[] args) throws Exception {
        ApplicationDocument document = ApplicationDocument.read();
        Topics topics = new Topics(document);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        SingleOutputStreamOperator<Payment> payments = topics.read(env, "lines", new SimpleStringSchema()).process(new Parse()).uid("parse");
        ApplicationDocument.Port valid = document.outlet("valid").orElseThrow();
        topics.write(payments, "valid", new AvroPayments(valid), payment -> payment.account);
        topics.write(payments.getSideOutput(INVALID), "invalid", new SimpleStringSchema(), line -> line);
        env.execute(document.name());
    }

    static final class Parse extends ProcessFunction<String, Payment> {
        @Override
        public void processElement(String line, Context context, Collector<Payment> out) {
            Payment payment = Payment.ofLine(line);
            if (payment == null) {
                context.output(INVALID, line);
            } else {
                out.collect(payment);
            }
        }
    }
}
