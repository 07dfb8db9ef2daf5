package payments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;

/** Payments in Avro's binary form, by the schema of a port. */
final class AvroPayments extends AbstractDeserializationSchema<Payment> implements SerializationSchema<Payment> {
    private final String text;
    private transient Schema schema;

    AvroPayments(ApplicationDocument.Port port) {
        text = port.schema;
    }

    private Schema schema() {
        if (schema == null) {
            schema = new Schema.Parser().parse(text);
        }
        return schema;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context) {
        schema();
    }

    @Override
    public Payment deserialize(byte[] bytes) throws IOException {
        return Payment.of(new GenericDatumReader<GenericRecord>(schema()).read(null, DecoderFactory.get().binaryDecoder(bytes, null)));
    }

    @Override
    public byte[] serialize(Payment payment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            new GenericDatumWriter<GenericRecord>(schema()).write(payment.as(schema()), encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
