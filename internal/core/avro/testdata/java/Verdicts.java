import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

/**
 * Prints what Avro says of the schemas and of the pairs of them in files, one line each: "taken" or "refused" of a schema; of a pair
 * "compatible", "incompatible", or "refused" where Avro fails on it, and whether the reader reads all values of the writer.
 */
public class Verdicts {
    private static final int VALUES = 200;

    public static void main(String[] files) throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (String file : files) {
            for (JsonNode entry : json.readTree(new File(file))) {
                if (entry.has("schema")) {
                    System.out.println(taken(entry.get("schema").asText()));
                    continue;
                }
                Schema reader = parse(entry.get("reader").toString());
                Schema writer = parse(entry.get("writer").toString());
                System.out.println(compatible(reader, writer) + " " + reads(reader, writer));
            }
        }
    }

    private static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }

    private static String taken(String text) {
        try {
            parse(text);
            return "taken";
        } catch (RuntimeException refused) {
            return "refused";
        }
    }

    private static String compatible(Schema reader, Schema writer) {
        try {
            SchemaCompatibilityType verdict = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
            return verdict == SchemaCompatibilityType.COMPATIBLE ? "compatible" : "incompatible";
        } catch (AvroRuntimeException refused) {
            return "refused";
        }
    }

    /** Writes values of the writer by chance, always the same ones, and reads them. An empty union has none. */
    private static String reads(Schema reader, Schema writer) throws IOException {
        if (writer.isUnion() && writer.getTypes().isEmpty()) {
            return "reads";
        }
        for (Object value : new RandomData(writer, VALUES, 1L)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            new GenericDatumWriter<Object>(writer).write(value, encoder);
            encoder.flush();
            try {
                new GenericDatumReader<Object>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
            } catch (RuntimeException | IOException failed) {
                return "fails";
            }
        }
        return "reads";
    }
}
