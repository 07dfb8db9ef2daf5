import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** The classes of the values that jobs keep. */
public final class Values {
    private Values() {}

    /** A value that names its fields, so that two can be compared. */
    public interface Fields {
        Map<String, Object> fields();
    }

    private static Map<String, Object> of(Object... pairs) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put((String) pairs[i], pairs[i + 1]);
        }
        return out;
    }

    public static class Plain implements Fields {
        public int count;
        public long total;
        public double mean;
        public String name;
        public boolean open;
        public Instant since;

        @Override
        public Map<String, Object> fields() {
            return of("count", count, "total", total, "mean", mean, "name", name, "open", open, "since", since);
        }
    }

    public enum Level {
        LOW,
        MIDDLE,
        HIGH
    }

    public static class Nested implements Fields {
        public Plain inner;
        public long[] numbers;
        public Level level;
        public BigDecimal exact;

        @Override
        public Map<String, Object> fields() {
            return of("inner", inner, "numbers", numbers, "level", level, "exact", exact);
        }
    }

    public static class Collections implements Fields {
        public String name;
        public List<String> list;
        public Map<String, Double> map;
        public Set<String> set;

        @Override
        public Map<String, Object> fields() {
            return of("name", name, "list", list, "map", map, "set", set);
        }
    }

    public static class Declared implements Fields {
        public String name;

        @TypeInfo(Texts.class)
        public List<String> list;

        @TypeInfo(Numbers.class)
        public Map<String, Double> map;

        @Override
        public Map<String, Object> fields() {
            return of("name", name, "list", list, "map", map);
        }
    }

    public static class Forced implements Fields {
        public String name;
        public List<String> list;
        public Map<String, Double> map;

        @Override
        public Map<String, Object> fields() {
            return of("name", name, "list", list, "map", map);
        }
    }

    public static class Texts extends TypeInfoFactory<List<String>> {
        @Override
        public TypeInformation<List<String>> createTypeInfo(Type type, Map<String, TypeInformation<?>> parameters) {
            return Types.LIST(Types.STRING);
        }
    }

    public static class Numbers extends TypeInfoFactory<Map<String, Double>> {
        @Override
        public TypeInformation<Map<String, Double>> createTypeInfo(Type type, Map<String, TypeInformation<?>> parameters) {
            return Types.MAP(Types.STRING, Types.DOUBLE);
        }
    }

    /** No POJO to Flink: its fields are final, and it has no constructor without arguments. */
    public static class Generic implements Fields {
        private final Instant since;
        private final List<String> list;
        private final Map<String, Double> map;
        private final double mean;
        private final String name;

        Generic(Instant since, List<String> list, Map<String, Double> map, double mean, String name) {
            this.since = since;
            this.list = list;
            this.map = map;
            this.mean = mean;
            this.name = name;
        }

        @Override
        public Map<String, Object> fields() {
            return of("since", since, "list", list, "map", map, "mean", mean, "name", name);
        }
    }

    /** No POJO either. */
    public static class GenericPlain implements Fields {
        private final long total;
        private final double mean;
        private final String name;

        GenericPlain(long total, double mean, String name) {
            this.total = total;
            this.mean = mean;
            this.name = name;
        }

        @Override
        public Map<String, Object> fields() {
            return of("total", total, "mean", mean, "name", name);
        }
    }
}
