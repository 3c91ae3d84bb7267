package dev.anneal.settings;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.unit.DataSize;

/** Reports a wrong or unknown setting in one sentence with its name, its value and what is valid, without names of classes. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class SettingFailureAnalyzer implements FailureAnalyzer {
    static final String DURATION = "a duration such as 500ms, 15s, 10m, 2h or 7d";

    private static final Map<Class<?>, String> EXPECTED = Map.of(
            Duration.class, DURATION,
            DataSize.class, "a size such as 512KB, 64MB or 2GB",
            int.class, "a whole number",
            long.class, "a whole number",
            double.class, "a number",
            boolean.class, "true or false",
            URI.class, "a URL");

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        InvalidSettingException invalid = find(failure, InvalidSettingException.class);
        UnknownSettingException unknown = find(failure, UnknownSettingException.class);
        if (unknown != null) {
            return new FailureAnalysis(unknown.getMessage(), null, failure);
        }
        BindException unbound = find(failure, BindException.class);
        String message = invalid != null ? invalid.getMessage() : unbound == null ? null : describe(unbound);
        return message == null ? null : new FailureAnalysis(message, null, failure);
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static @Nullable String describe(BindException failure) {
        ConfigurationProperty property = failure.getProperty();
        Class<?> type = failure.getTarget().getType().resolve();
        if (property == null || type == null) {
            return null;
        }
        String expected = type.isEnum()
                ? "one of " + Arrays.toString(type.getEnumConstants()).replaceAll("[\\[\\]]", "")
                : EXPECTED.get(type);
        return expected == null
                ? null
                : new InvalidSettingException(property.getName().toString(), property.getValue(), expected)
                        .getMessage();
    }
}
