import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.formats.avro.typeutils.GenericRecordAvroTypeInfo;

/** A record as Avro's compiler writes them, and what else needs Avro: nothing beside this class does. */
public class Measurement extends SpecificRecordBase {
    public static final Schema SCHEMA$ = new Schema.Parser().parse("{\"type\": \"record\", \"name\": \"Measurement\", \"fields\": ["
            + "{\"name\": \"name\", \"type\": \"string\"},"
            + "{\"name\": \"total\", \"type\": \"long\"},"
            + "{\"name\": \"mean\", \"type\": \"double\"},"
            + "{\"name\": \"list\", \"type\": {\"type\": \"array\", \"items\": \"string\"}},"
            + "{\"name\": \"map\", \"type\": {\"type\": \"map\", \"values\": \"double\"}},"
            + "{\"name\": \"note\", \"type\": [\"null\", \"string\"]}]}");

    public CharSequence name;
    public long total;
    public double mean;
    public List<CharSequence> list;
    public Map<CharSequence, Double> map;
    public CharSequence note;

    public static Schema getClassSchema() {
        return SCHEMA$;
    }

    @Override
    public Schema getSchema() {
        return SCHEMA$;
    }

    @Override
    public Object get(int field) {
        switch (field) {
            case 0:
                return name;
            case 1:
                return total;
            case 2:
                return mean;
            case 3:
                return list;
            case 4:
                return map;
            case 5:
                return note;
            default:
                throw new IndexOutOfBoundsException(field);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public void put(int field, Object value) {
        switch (field) {
            case 0:
                name = (CharSequence) value;
                break;
            case 1:
                total = (Long) value;
                break;
            case 2:
                mean = (Double) value;
                break;
            case 3:
                list = (List<CharSequence>) value;
                break;
            case 4:
                map = (Map<CharSequence, Double>) value;
                break;
            case 5:
                note = (CharSequence) value;
                break;
            default:
                throw new IndexOutOfBoundsException(field);
        }
    }

    static TypeInformation<?> specific() {
        return new AvroTypeInfo<>(Measurement.class);
    }

    static TypeInformation<?> generic() {
        return new GenericRecordAvroTypeInfo(SCHEMA$);
    }

    static Object specific(Object... fields) {
        return filled(new Measurement(), fields);
    }

    static Object generic(Object... fields) {
        return filled(new GenericData.Record(SCHEMA$), fields);
    }

    private static IndexedRecord filled(IndexedRecord record, Object... fields) {
        for (int i = 0; i < fields.length; i++) {
            record.put(i, fields[i]);
        }
        return record;
    }

    /** A text of a record, by its fields. */
    static String text(Object value) {
        IndexedRecord record = (IndexedRecord) value;
        Map<String, Object> fields = new LinkedHashMap<>();
        record.getSchema().getFields().forEach(field -> fields.put(field.name(), record.get(field.pos())));
        return Kind.text(fields);
    }
}
