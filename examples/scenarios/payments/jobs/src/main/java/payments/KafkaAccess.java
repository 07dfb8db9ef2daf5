package payments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.util.Properties;

/** Translates the part {@code kafka} of the application document into the properties of a Kafka client. */
public final class KafkaAccess {
    private final JsonNode kafka;

    KafkaAccess(JsonNode kafka) {
        this.kafka = kafka;
    }

    public String bootstrapServers() {
        return kafka.path("bootstrap_servers").asText();
    }

    /**
     * Everything but the brokers. No secret is in them, and so none comes into the job graph, which Flink stores: the clients
     * read the files themselves when they connect. A password is taken as it is, so its file must not end with a line break.
     */
    public Properties properties() {
        Properties properties = new Properties();
        properties.put("security.protocol", kafka.path("security_protocol").asText());
        properties.put("config.providers", "directory");
        properties.put("config.providers.directory.class", "org.apache.kafka.common.config.provider.DirectoryConfigProvider");
        JsonNode sasl = kafka.path("sasl");
        if (sasl.isObject()) {
            String mechanism = sasl.path("mechanism").asText();
            properties.put("sasl.mechanism", mechanism);
            properties.put("sasl.jaas.config", String.format("%s required username=\"%s\" password=\"%s\";",
                    loginModule(mechanism), contentOf(sasl.path("username_file")), contentOf(sasl.path("password_file"))));
        }
        JsonNode tls = kafka.path("tls");
        if (tls.has("ca_file")) {
            properties.put("ssl.truststore.type", "PEM");
            properties.put("ssl.truststore.location", tls.path("ca_file").asText());
        }
        if (tls.has("certificate_file")) {
            properties.put("ssl.keystore.type", "PEM");
            properties.put("ssl.keystore.certificate.chain", contentOf(tls.path("certificate_file")));
            properties.put("ssl.keystore.key", contentOf(tls.path("key_file")));
        }
        return properties;
    }

    private static String loginModule(String mechanism) {
        switch (mechanism) {
            case "PLAIN":
                return "org.apache.kafka.common.security.plain.PlainLoginModule";
            case "SCRAM-SHA-256":
            case "SCRAM-SHA-512":
                return "org.apache.kafka.common.security.scram.ScramLoginModule";
            default:
                throw new IllegalArgumentException("these jobs cannot log in by " + mechanism);
        }
    }

    /** What Kafka's clients replace by the content of a file. */
    private static String contentOf(JsonNode file) {
        File path = new File(file.asText());
        return "${directory:" + path.getParent() + ":" + path.getName() + "}";
    }
}
