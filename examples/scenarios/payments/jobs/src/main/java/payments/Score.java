package payments;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Writes a line for each payment, with how far it is above what its account pays on the average, in percent. */
public final class Score {
    public static void main(String[] args) throws Exception {
        ApplicationDocument document = ApplicationDocument.read();
        Topics topics = new Topics(document);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        String name = document.config("name", "score");
        DataStream<String> lines = topics.read(env, "payments", new AvroPayments(document.inlet("payments")))
                .map(payment -> line(payment, name)).returns(String.class).uid("score");
        topics.write(lines, "scored", new SimpleStringSchema(), line -> line.split(",")[1]);
        env.execute(document.name());
    }

    static String line(Payment p, String name) {
        long score = p.total == 0 ? 0 : p.cents * p.nth * 100 / p.total - 100;
        return String.join(",", String.valueOf(p.number), p.account, String.valueOf(p.cents), String.valueOf(p.nth),
                String.valueOf(p.total), p.model, name, String.valueOf(score));
    }
}
