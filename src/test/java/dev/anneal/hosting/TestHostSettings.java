package dev.anneal.hosting;

import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The settings of model hosts as a server reads them: what is not given has its default. */
final class TestHostSettings {
    private static final String PREFIX = "anneal.inference";

    private TestHostSettings() {}

    static HostSettings of(Map<String, ?> given) {
        Map<String, ?> properties = given.entrySet().stream()
                .collect(Collectors.toMap(each -> PREFIX + "." + each.getKey(), Map.Entry::getValue));
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(PREFIX, HostSettings.class);
    }
}
