package payments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads what the provider tells a streamlet. Its form is published as the JSON Schema application-document-v1: a reader ignores
 * what it does not know, and refuses another {@code schema_version}.
 */
public final class ApplicationDocument {
    /** Where each pod of a streamlet has the document. */
    public static final File FILE = new File("/etc/flink-application/application.json");

    private final JsonNode root;

    private ApplicationDocument(JsonNode root) {
        this.root = root;
    }

    public static ApplicationDocument read() throws IOException {
        JsonNode root = new ObjectMapper().readTree(FILE);
        if (root.path("schema_version").asInt() != 1) {
            throw new IOException(FILE + " has the schema_version " + root.path("schema_version") + ", which this reader does not know");
        }
        return new ApplicationDocument(root);
    }

    /** A name that no other streamlet has: the consumer group, for example. */
    public String name() {
        return root.path("application").asText() + "-" + root.path("streamlet").asText();
    }

    public String config(String key, String otherwise) {
        return root.path("config").path(key).asText(otherwise);
    }

    /** The port by which records come in. */
    public Port inlet(String name) {
        return outOf("inlets", name).orElseThrow(() -> new IllegalArgumentException("no topic is joined to the inlet " + name));
    }

    /** The port by which records go out; none where no topic is joined to it: its records go nowhere. */
    public Optional<Port> outlet(String name) {
        return outOf("outlets", name);
    }

    private Optional<Port> outOf(String side, String name) {
        return Optional.ofNullable(root.path(side).get(name)).map(Port::new);
    }

    /** How the brokers are reached. */
    public KafkaAccess kafka() {
        return new KafkaAccess(root.path("kafka"));
    }

    /** A topic, and what its records look like. */
    public static final class Port {
        public final String topic;
        /** The Avro schema as JSON text, {@code null} where the blueprint has none. */
        public final String schema;

        private Port(JsonNode port) {
            topic = port.path("topic").asText();
            schema = port.has("schema") ? port.get("schema").toString() : null;
        }
    }
}
