import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
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
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.FallbackKey;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec;
import org.apache.flink.kubernetes.operator.api.spec.JobManagerSpec;
import org.apache.flink.kubernetes.operator.api.spec.KubernetesDeploymentMode;
import org.apache.flink.kubernetes.operator.api.utils.SpecUtils;
import org.apache.flink.kubernetes.operator.config.FlinkConfigBuilder;
import org.apache.flink.kubernetes.operator.reconciler.diff.ReflectiveDiffBuilder;
import org.apache.flink.kubernetes.operator.validation.DefaultValidator;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;

/**
 * Prints what the classes of the Flink Kubernetes Operator make of the questions in a file, one line each. A question is a topic, a tab
 * and a JSON value. "refused" is what the operator says of itself in its validator, "throws" what it does not expect.
 */
public class Reader {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is read from a specification when it comes from the API server: the mapper that fabric8 gives to the operator. */
    private static final String SPECIFICATION =
            "{\"flinkVersion\":\"v1_18\",\"serviceAccount\":\"flink\",\"image\":\"flink\",\"flinkConfiguration\":{},"
                    + "\"job\":{\"jarURI\":\"local:///a.jar\",\"parallelism\":1,\"upgradeMode\":\"stateless\",\"state\":\"running\"}}";

    private static final String[] OPTIONS = {
        "org.apache.flink.kubernetes.operator.config.KubernetesOperatorConfigOptions",
        "org.apache.flink.kubernetes.operator.metrics.KubernetesOperatorMetricOptions",
        "org.apache.flink.autoscaler.config.AutoScalerOptions",
    };

    private static final Map<String, ConfigOption<?>> options = new TreeMap<>();

    /** jobManager.resources came with operator 1.16. */
    private static final boolean HAS_RESOURCES =
            Arrays.stream(JobManagerSpec.class.getMethods()).anyMatch(method -> method.getName().equals("getResources"));

    public static void main(String[] arguments) throws Exception {
        for (String name : OPTIONS) {
            collect(name);
        }
        if (arguments.length == 0) {
            options.forEach((key, option) -> System.out.println(key + "\t" + type(option)));
            return;
        }
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
            String[] field = line.split("\t");
            out.append(answer(field[0], JSON.readTree(field[1]))).append('\n');
        }
        System.out.write(out.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static String answer(String topic, JsonNode question) throws Exception {
        switch (topic) {
            case "size":
                return size("resource", question);
            case "resources":
                return HAS_RESOURCES ? size("resources", question) : "-";
            case "change":
                return !HAS_RESOURCES ? "-" : change(question.get(0), question.get(1));
            case "key":
                return read(question.fieldNames().next(), question.elements().next().asText());
            case "type":
                ConfigOption<?> option = options.get(question.asText());
                return option == null ? "unknown" : type(option);
            case "high-availability":
                Configuration config = Configuration.fromMap(Map.of("high-availability.type", question.asText()));
                return "" + HighAvailabilityMode.isHighAvailabilityModeActivated(config);
            case "configuration":
                return flat(question);
            default:
                throw new IllegalArgumentException(topic);
        }
    }

    /** What the validator and then the builder make of jobManager.resource or jobManager.resources. */
    private static String size(String field, JsonNode value) throws Exception {
        FlinkDeploymentSpec spec;
        try {
            spec = specification(field, value);
        } catch (RuntimeException unreadable) {
            return "unreadable";
        }
        Object manager = spec.getJobManager();
        Object part = manager.getClass().getMethod(field.equals("resource") ? "getResource" : "getResources").invoke(manager);
        String method = field.equals("resource") ? "validateResources" : "validateResourceRequirements";
        try {
            Method validate = DefaultValidator.class.getDeclaredMethod(method, String.class, part.getClass());
            validate.setAccessible(true);
            if (((Optional<?>) validate.invoke(validator(), "JobManager", part)).isPresent()) {
                return "refused";
            }
        } catch (InvocationTargetException failed) {
            return "validator throws";
        }
        try {
            String built = built(FlinkConfigBuilder.buildFrom("default", "orders", spec, new Configuration()));
            return HAS_RESOURCES && differs(SpecUtils.clone(spec), spec).equals("throws") ? built + ", then throws" : built;
        } catch (RuntimeException failed) {
            return "builder throws";
        }
    }

    private static FlinkDeploymentSpec specification(String field, JsonNode value) throws IOException {
        ObjectNode tree = (ObjectNode) JSON.readTree(SPECIFICATION);
        tree.putObject("jobManager").set(field, value);
        return specification(tree.toString());
    }

    private static FlinkDeploymentSpec specification(String text) {
        return Serialization.unmarshal(text, FlinkDeploymentSpec.class);
    }

    private static Object validator() throws Exception {
        Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        return ((sun.misc.Unsafe) field.get(null)).allocateInstance(DefaultValidator.class);
    }

    private static String built(Configuration config) throws Exception {
        Map<String, String> all = config.toMap();
        List<String> parts = new ArrayList<>();
        for (String key : new String[] {"jobmanager.memory.process.size", "kubernetes.jobmanager.cpu.amount", "kubernetes.jobmanager.cpu.limit-factor", "kubernetes.jobmanager.memory.limit-factor"}) {
            if (all.containsKey(key)) {
                String name = key.replace("kubernetes.", "").replace("jobmanager.", "").replace(".process.size", "").replace(".amount", "").replace(".limit-factor", "-factor");
                String text = all.get(key);
                if (name.equals("memory")) {
                    // The builder writes a text that Flink has to read again.
                    try {
                        text = "" + MemorySize.parse(text).getBytes();
                    } catch (IllegalArgumentException refused) {
                        text = "unreadable";
                    }
                }
                parts.add(name + " " + text);
            }
        }
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    /** Whether the operator takes one jobManager.resources for a change of the other. */
    private static String change(JsonNode before, JsonNode after) throws Exception {
        try {
            return differs(specification("resources", before), specification("resources", after));
        } catch (RuntimeException unreadable) {
            return "unreadable";
        }
    }

    /** What the operator asks in each reconciliation, of what it has deployed and what is to be. */
    private static String differs(FlinkDeploymentSpec before, FlinkDeploymentSpec after) {
        try {
            return "" + (new ReflectiveDiffBuilder<>(KubernetesDeploymentMode.NATIVE, before, after).build().getNumDiffs() > 0);
        } catch (RuntimeException failed) {
            return "throws";
        }
    }

    private static void collect(String name) throws IllegalAccessException {
        Class<?> type;
        try {
            type = Class.forName(name);
        } catch (ClassNotFoundException missing) {
            return;
        }
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) || field.getType() != ConfigOption.class) {
                continue;
            }
            field.setAccessible(true);
            ConfigOption<?> option = (ConfigOption<?>) field.get(null);
            options.put(option.key(), option);
            for (FallbackKey former : option.fallbackKeys()) {
                options.putIfAbsent(former.getKey(), option);
            }
        }
    }

    private static String type(ConfigOption<?> option) {
        try {
            Method type = ConfigOption.class.getDeclaredMethod("getClazz");
            type.setAccessible(true);
            Method list = ConfigOption.class.getDeclaredMethod("isList");
            list.setAccessible(true);
            Class<?> of = (Class<?>) type.invoke(option);
            return ((Boolean) list.invoke(option) ? "List of " : "") + (of.isEnum() ? "Enum of " + names(of) : of.getSimpleName());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The names that ConfigurationUtils.convertToEnum compares a text with. */
    private static String names(Class<?> of) {
        return Arrays.stream(of.getEnumConstants()).map(Object::toString).collect(Collectors.joining(","));
    }

    /** The value of a key as the operator gets it from a specification. */
    private static String read(String key, String value) {
        ConfigOption<?> option = options.get(key);
        if (option == null) {
            return "unknown";
        }
        Object read;
        try {
            Optional<?> found = Configuration.fromMap(Map.of(key, value)).getOptional(option);
            if (found.isEmpty()) {
                return "absent";
            }
            read = found.get();
        } catch (RuntimeException refused) {
            return "throws";
        }
        if (read instanceof Duration) {
            Duration duration = (Duration) read;
            return duration.getSeconds() + (duration.getNano() == 0 ? "" : String.format(".%09d", duration.getNano())) + " s";
        }
        if (read instanceof MemorySize) {
            return ((MemorySize) read).getBytes() + " bytes";
        }
        return JSON.valueToTree(read instanceof Enum ? ((Enum<?>) read).name() : read instanceof Number || read instanceof Boolean ? read.toString() : read).toString();
    }

    /** A flinkConfiguration with dotted keys, as the operator reads it from a custom resource. */
    private static String flat(JsonNode document) throws Exception {
        FlinkDeploymentSpec spec;
        try {
            spec = specification("{\"flinkConfiguration\":" + document + "}");
        } catch (RuntimeException refused) {
            return "unreadable";
        }
        Object configuration = FlinkDeploymentSpec.class.getMethod("getFlinkConfiguration").invoke(spec);
        try {
            configuration = configuration.getClass().getMethod("asFlatMap").invoke(configuration);
        } catch (NoSuchMethodException aMapAlready) {
            // Operators before 1.13 have a map of texts.
        }
        return JSON.writeValueAsString(new TreeMap<>((Map<?, ?>) configuration));
    }
}
