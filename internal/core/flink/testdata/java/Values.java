import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.FallbackKey;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.MemorySize;

/**
 * Prints what one version of Flink makes of configuration, by its own classes: the jars of the class path.
 *
 * <p>"option KEY TYPE [former keys]" for each public ConfigOption; then, for each line "KEY VALUE" of the input, what the option of that
 * key reads, first of the value in memory and then of the value that has gone through the file which the operator writes: "=VALUE",
 * "absent", "refused", or "unknown" where no option has the key. Texts are written as strings of JSON, fields are apart by a tab.
 */
public class Values {
    private static final Map<String, ConfigOption<?>> byFormerKey = new TreeMap<>();

    public static void main(String[] arguments) throws Exception {
        Map<String, ConfigOption<?>> options = new TreeMap<>();
        Map<String, TreeSet<String>> lines = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            if (Path.of(entry).getFileName().toString().startsWith("flink-")) {
                collect(entry, options, lines);
            }
        }
        byFormerKey.forEach(options::putIfAbsent);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        lines.forEach((key, said) -> said.forEach(line -> out.println("option\t" + key + "\t" + line)));
        Path folder = Files.createTempDirectory("values");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] field = line.split("\t", 2);
            String value = unquote(field[1]);
            ConfigOption<?> option = options.get(field[0]);
            out.println("value\t" + field[0] + "\t" + field[1] + "\t"
                    + read(option, field[0], Configuration.fromMap(Map.of(field[0], value))) + "\t"
                    + throughFile(option, field[0], value, folder));
        }
        out.flush();
        System.exit(0);
    }

    private static void collect(String jar, Map<String, ConfigOption<?>> options, Map<String, TreeSet<String>> lines) throws IOException {
        try (JarFile file = new JarFile(jar)) {
            for (String name : file.stream().map(e -> e.getName()).filter(n -> n.endsWith(".class")).sorted().collect(Collectors.toList())) {
                if (!name.startsWith("org/apache/flink/") || name.contains("/shaded/")) {
                    continue;
                }
                Class<?> type;
                Field[] fields;
                try {
                    type = Class.forName(name.replace('/', '.').substring(0, name.length() - 6), false, Values.class.getClassLoader());
                    fields = type.getDeclaredFields();
                } catch (LinkageError | ClassNotFoundException lacksOthers) {
                    continue;
                }
                for (Field field : fields) {
                    if (field.getType() != ConfigOption.class || !Modifier.isStatic(field.getModifiers()) || !Modifier.isPublic(field.getModifiers())
                            || !Modifier.isPublic(type.getModifiers())) {
                        continue;
                    }
                    try {
                        ConfigOption<?> option = (ConfigOption<?>) field.get(null);
                        options.putIfAbsent(option.key(), option);
                        for (FallbackKey former : option.fallbackKeys()) {
                            byFormerKey.putIfAbsent(former.getKey(), option);
                        }
                        lines.computeIfAbsent(option.key(), key -> new TreeSet<>()).add(typeOf(option) + "\t" + formerKeys(option));
                    } catch (LinkageError | IllegalAccessException lacksOthers) {
                        System.err.println("skipped " + field + ": " + lacksOthers);
                    }
                }
            }
        }
    }

    private static String typeOf(ConfigOption<?> option) {
        Class<?> type = (Class<?>) hidden(option, "getClazz");
        String name = type.getSimpleName();
        if (type.isEnum()) {
            // ConfigurationUtils.convertToEnum compares with toString.
            name = "enum " + Arrays.stream(type.getEnumConstants()).map(Object::toString).collect(Collectors.joining(","));
        }
        return (Boolean) hidden(option, "isList") ? "list " + name : name;
    }

    private static Object hidden(ConfigOption<?> option, String method) {
        try {
            Method m = ConfigOption.class.getDeclaredMethod(method);
            m.setAccessible(true);
            return m.invoke(option);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String formerKeys(ConfigOption<?> option) {
        List<String> keys = new ArrayList<>();
        for (FallbackKey key : option.fallbackKeys()) {
            keys.add((key.isDeprecated() ? "" : "or ") + key.getKey());
        }
        return String.join(",", keys);
    }

    private static String throughFile(ConfigOption<?> option, String key, String value, Path folder) throws IOException {
        Configuration loaded;
        try {
            write(key, value, folder);
            loaded = GlobalConfiguration.loadConfiguration(folder.toString());
        } catch (RuntimeException | ReflectiveOperationException refused) {
            return "refused";
        }
        return read(option, key, loaded);
    }

    /** Writes as the operator's FlinkConfMountDecorator does: lines into flink-conf.yaml below Flink 2.0, else Flink's own YAML. */
    @SuppressWarnings("unchecked")
    private static void write(String key, String value, Path folder) throws IOException, ReflectiveOperationException {
        if (standardYaml()) {
            Method lines = Class.forName("org.apache.flink.configuration.ConfigurationUtils")
                    .getMethod("convertConfigToWritableLines", Configuration.class, boolean.class);
            Files.write(folder.resolve("config.yaml"), (List<String>) lines.invoke(null, Configuration.fromMap(Map.of(key, value)), false));
            return;
        }
        Files.writeString(folder.resolve("flink-conf.yaml"), key + ": " + value + "\n");
    }

    private static boolean standardYaml() {
        // flink-conf.yaml went with 2.0.
        return Arrays.stream(GlobalConfiguration.class.getFields()).noneMatch(f -> f.getName().equals("LEGACY_FLINK_CONF_FILENAME"))
                && Arrays.stream(GlobalConfiguration.class.getFields())
                        .filter(f -> f.getName().equals("FLINK_CONF_FILENAME"))
                        .noneMatch(f -> "flink-conf.yaml".equals(valueOf(f)));
    }

    private static Object valueOf(Field field) {
        try {
            return field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(ConfigOption<?> option, String key, Configuration configuration) {
        if (option == null) {
            return "unknown";
        }
        try {
            Optional<?> read = configuration.getOptional(option);
            if (read.isEmpty()) {
                return "absent";
            }
            String meant = Meanings.of(key, configuration);
            return "=" + (meant == null ? text(read.get()) : meant);
        } catch (Exception refused) {
            return "refused";
        }
    }

    private static String text(Object value) {
        if (value instanceof MemorySize) {
            return String.valueOf(((MemorySize) value).getBytes());
        }
        if (value instanceof Duration) {
            Duration duration = (Duration) value;
            return duration.getSeconds() + "s" + duration.getNano();
        }
        if (value instanceof Float) {
            return "float " + Integer.toHexString(Float.floatToIntBits((Float) value));
        }
        if (value instanceof Double) {
            return "double " + Long.toHexString(Double.doubleToLongBits((Double) value));
        }
        if (value instanceof List) {
            return ((List<?>) value).stream().map(Values::text).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof Map) {
            Map<String, Object> sorted = new TreeMap<>();
            ((Map<?, ?>) value).forEach((k, v) -> sorted.put(String.valueOf(k), v));
            return sorted.entrySet().stream().map(e -> quote(e.getKey()) + ":" + text(e.getValue())).collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof String) {
            return quote((String) value);
        }
        return value == null ? "null" : value.toString();
    }

    /** A string of JSON in ASCII. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String unquote(String quoted) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            c = quoted.charAt(++i);
            if (c == 'u') {
                text.append((char) Integer.parseInt(quoted.substring(i + 1, i + 5), 16));
                i += 4;
                continue;
            }
            int control = "btnfr".indexOf(c);
            text.append(control < 0 ? c : "\b\t\n\f\r".charAt(control));
        }
        return text.toString();
    }

    /** What Flink makes of texts in which it looks for names of its own. */
    private static final class Meanings {
        static String of(String key, Configuration configuration) throws Exception {
            switch (key) {
                case "high-availability.type":
                case "high-availability":
                    return type("org.apache.flink.runtime.jobmanager.HighAvailabilityMode", "fromConfig", configuration).toString();
                case "state.backend.type":
                case "state.backend":
                    return simple(type("org.apache.flink.runtime.state.StateBackendLoader", "loadStateBackendFromConfig", configuration));
                case "restart-strategy.type":
                case "restart-strategy":
                    return simple(type("org.apache.flink.runtime.executiongraph.failover." + flip1() + "RestartBackoffTimeStrategyFactoryLoader",
                            "createRestartBackoffTimeStrategyFactory", configuration));
                case "cleanup-strategy.type":
                    Object strategy = type("org.apache.flink.runtime.dispatcher.cleanup.CleanupRetryStrategyFactory", "createRetryStrategy", configuration);
                    return simple(strategy) + " " + strategy.getClass().getMethod("getNumRemainingRetries").invoke(strategy);
                case "jobmanager.execution.failover-strategy":
                    return simple(type("org.apache.flink.runtime.executiongraph.failover." + flip1() + "FailoverStrategyFactoryLoader",
                            "loadFailoverStrategyFactory", configuration));
                case "execution.checkpointing.storage":
                case "state.checkpoint-storage":
                    Object storage = type("org.apache.flink.runtime.state.CheckpointStorageLoader", "fromConfig", configuration);
                    return simple(((Optional<?>) storage).get());
                default:
                    return null;
            }
        }

        private static String flip1() {
            try {
                Class.forName("org.apache.flink.runtime.executiongraph.failover.flip1.RestartBackoffTimeStrategyFactoryLoader");
                return "flip1.";
            } catch (ClassNotFoundException moved) {
                return "";
            }
        }

        private static String simple(Object value) {
            String name = value.getClass().getName();
            return name.substring(name.lastIndexOf('.') + 1).replaceAll("\\$\\$Lambda.*", "\\$lambda").replaceAll("/.*", "");
        }

        /** Calls a static method, or one of an enum's only constant, with what its parameters ask for. */
        private static Object type(String type, String name, Configuration configuration) throws Exception {
            Class<?> owner = Class.forName(type);
            for (Method method : owner.getDeclaredMethods()) {
                if (!method.getName().equals(name) || method.isSynthetic()) {
                    continue;
                }
                Object[] arguments = new Object[method.getParameterCount()];
                for (int i = 0; i < arguments.length; i++) {
                    arguments[i] = argument(method.getParameterTypes()[i], configuration);
                }
                method.setAccessible(true);
                try {
                    return method.invoke(owner.isEnum() && !Modifier.isStatic(method.getModifiers()) ? owner.getEnumConstants()[0] : null, arguments);
                } catch (java.lang.reflect.InvocationTargetException refused) {
                    throw new Exception(refused.getCause());
                }
            }
            throw new NoSuchMethodError(type + "." + name);
        }

        private static Object argument(Class<?> type, Configuration configuration) throws Exception {
            if (type.isInstance(configuration)) {
                return configuration;
            }
            if (type == boolean.class) {
                return true;
            }
            if (type == ClassLoader.class) {
                return Values.class.getClassLoader();
            }
            if (type.getSimpleName().equals("RestartStrategyConfiguration")) {
                return Class.forName("org.apache.flink.api.common.restartstrategy.RestartStrategies").getMethod("fallBackRestart").invoke(null);
            }
            return null;
        }
    }
}
