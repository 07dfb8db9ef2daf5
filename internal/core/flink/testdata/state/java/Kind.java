import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;

/** A kind of value that a job keeps: its type for Flink, the known value of each key, and a text that two equal values share. */
public enum Kind {
    /** Numbers, texts, a moment. */
    pojo {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Plain.class);
        }

        @Override
        Object value(long key) {
            Values.Plain value = new Values.Plain();
            value.count = (int) key;
            value.total = key * 1_000_000_007L;
            value.mean = key / 7.0;
            value.name = "name-" + key;
            value.open = key % 2 == 0;
            value.since = moment(key);
            return value;
        }
    },
    /** The same, and a timer of each key, which has to fire. */
    timers {
        @Override
        TypeInformation<?> type() {
            return pojo.type();
        }

        @Override
        Object value(long key) {
            return pojo.value(key);
        }
    },
    /** What a POJO can hold besides: another POJO, an array, an enumeration, an exact decimal. */
    nested {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Nested.class);
        }

        @Override
        Object value(long key) {
            Values.Nested value = new Values.Nested();
            value.inner = (Values.Plain) pojo.value(key);
            value.numbers = new long[] {key, key + 1, key * key};
            value.level = Values.Level.values()[(int) (key % 3)];
            value.exact = new java.math.BigDecimal(key + ".123456789012345678901234567890");
            return value;
        }
    },
    /** A POJO with a List, a Map and a Set. */
    collections {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Collections.class);
        }

        @Override
        Object value(long key) {
            Values.Collections value = new Values.Collections();
            value.name = "name-" + key;
            value.list = list(key);
            value.map = map(key);
            value.set = new java.util.HashSet<>(list(key));
            return value;
        }
    },
    /** The same with the types of its List and Map given by hand. */
    declared {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Declared.class);
        }

        @Override
        Object value(long key) {
            Values.Declared value = new Values.Declared();
            value.name = "name-" + key;
            value.list = list(key);
            value.map = map(key);
            return value;
        }
    },
    /** A generic type: a class that is not a POJO, which goes through Kryo. */
    kryo {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Generic.class);
        }

        @Override
        Object value(long key) {
            return new Values.Generic(moment(key), list(key), map(key), key / 7.0, "name-" + key);
        }
    },
    /** A generic type that has numbers and a text alone. */
    kryo_plain {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.GenericPlain.class);
        }

        @Override
        Object value(long key) {
            return new Values.GenericPlain(key * 1_000_000_007L, key / 7.0, "name-" + key);
        }
    },
    /** The generic type where flink-avro is there too, which tells Kryo of its own classes. */
    kryo_beside_avro(true) {
        @Override
        TypeInformation<?> type() {
            return kryo.type();
        }

        @Override
        Object value(long key) {
            return kryo.value(key);
        }
    },
    /** The POJO with a List, a Map and a Set where flink-avro is there too. */
    collections_beside_avro(true) {
        @Override
        TypeInformation<?> type() {
            return collections.type();
        }

        @Override
        Object value(long key) {
            return collections.value(key);
        }
    },
    /** A specific record of Avro. */
    avro(true) {
        @Override
        TypeInformation<?> type() {
            return Measurement.specific();
        }

        @Override
        Object value(long key) {
            return Measurement.specific("name-" + key, key * 1_000_000_007L, key / 7.0, list(key), map(key), note(key));
        }
    },
    /** A generic record of Avro. */
    avro_generic(true) {
        @Override
        TypeInformation<?> type() {
            return Measurement.generic();
        }

        @Override
        Object value(long key) {
            return Measurement.generic("name-" + key, key * 1_000_000_007L, key / 7.0, list(key), map(key), note(key));
        }
    },
    /** A POJO with a List and a Map, by pipeline.force-avro. */
    force_avro(true) {
        @Override
        TypeInformation<?> type() {
            return TypeInformation.of(Values.Forced.class);
        }

        @Override
        Object value(long key) {
            Values.Forced value = new Values.Forced();
            value.name = "name-" + key;
            value.list = list(key);
            value.map = map(key);
            return value;
        }

        @Override
        void configure(Configuration configuration) {
            super.configure(configuration);
            configuration.setString("pipeline.force-avro", "true");
        }
    };

    /** Whether a job of this kind has flink-avro on its class path. Others must not: it changes what Kryo writes. */
    final boolean withAvro;

    Kind() {
        this(false);
    }

    Kind(boolean withAvro) {
        this.withAvro = withAvro;
    }

    abstract TypeInformation<?> type();

    abstract Object value(long key);

    /** Sets what a job needs for this kind. Those that do without Kryo are proved to. */
    void configure(Configuration configuration) {
        configuration.setString("pipeline.generic-types", String.valueOf(generic()));
    }

    /** Whether Kryo has a part in it, which the collections of a POJO had until Flink 2. */
    boolean generic() {
        return this == kryo || this == kryo_plain || this == kryo_beside_avro || this == collections || this == collections_beside_avro;
    }

    /** A text of a value, with the entries of maps and sets in order, whatever classes hold them. */
    static String text(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof CharSequence) {
            return "'" + value + "'";
        }
        if (value instanceof Map) {
            TreeMap<String, String> entries = new TreeMap<>();
            ((Map<?, ?>) value).forEach((k, v) -> entries.put(text(k), text(v)));
            return entries.toString();
        }
        if (value instanceof Set) {
            TreeSet<String> entries = new TreeSet<>();
            ((Set<?>) value).forEach(entry -> entries.add(text(entry)));
            return entries.toString();
        }
        if (value instanceof List) {
            List<String> entries = new ArrayList<>();
            ((List<?>) value).forEach(entry -> entries.add(text(entry)));
            return entries.toString();
        }
        if (value instanceof long[]) {
            return Arrays.toString((long[]) value);
        }
        if (value instanceof Values.Fields) {
            return text(((Values.Fields) value).fields());
        }
        if (value instanceof Number || value instanceof Boolean || value instanceof Instant || value instanceof Enum) {
            return value.toString();
        }
        return Measurement.text(value);
    }

    private static Instant moment(long key) {
        return Instant.ofEpochSecond(1_700_000_000L + key, 123_456_789L);
    }

    private static List<String> list(long key) {
        return new ArrayList<>(List.of("a" + key, "b" + key, "c" + key));
    }

    private static Map<String, Double> map(long key) {
        return new HashMap<>(Map.of("x", key + 0.5, "y", key * 2.0));
    }

    private static String note(long key) {
        return key % 2 == 0 ? null : "note-" + key;
    }
}
