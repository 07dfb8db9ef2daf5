package org.apache.flink.autoscaler.validation;

import java.util.Optional;
import org.apache.flink.configuration.Configuration;

/** Takes every option of the autoscaler. */
public class AutoscalerValidator {
    /** Returns what is wrong with a configuration: nothing. */
    public Optional<String> validateAutoscalerOptions(Configuration configuration) {
        return Optional.empty();
    }
}
