package payments;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** Reads and writes the topics that the application document names. */
final class Topics {
    private final ApplicationDocument document;

    Topics(ApplicationDocument document) {
        this.document = document;
    }

    /** What comes in by an inlet, from where the job's state says, without state from where its group was before. */
    <T> DataStream<T> read(StreamExecutionEnvironment env, String inlet, DeserializationSchema<T> form) {
        KafkaSource<T> source = KafkaSource.<T>builder()
                .setBootstrapServers(document.kafka().bootstrapServers())
                .setProperties(document.kafka().properties())
                .setTopics(document.inlet(inlet).topic)
                .setGroupId(document.name())
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setValueOnlyDeserializer(form)
                .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), inlet).uid("from-" + inlet);
    }

    /**
     * Writes records to an outlet, those of a key in their order, each at least once. Exactly once would take transactions, whose
     * ids the two versions of a blue/green switch have in common: each would end those of the other.
     */
    <T> void write(DataStream<T> records, String outlet, SerializationSchema<T> form, Key<T> key) {
        document.outlet(outlet).ifPresent(port -> records.sinkTo(KafkaSink.<T>builder()
                .setBootstrapServers(document.kafka().bootstrapServers())
                .setKafkaProducerConfig(document.kafka().properties())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(KafkaRecordSerializationSchema.<T>builder()
                        .setTopic(port.topic)
                        .setKeySerializationSchema((SerializationSchema<T>) record -> key.of(record).getBytes(StandardCharsets.UTF_8))
                        .setValueSerializationSchema(form)
                        .build())
                .build()).uid("to-" + outlet));
    }

    /** The part of a record that decides on its partition. */
    interface Key<T> extends Serializable {
        String of(T record);
    }
}
