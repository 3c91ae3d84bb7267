package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

class ConfigurationDocumentTest {
    /** Settings that have a short option, and one that a condition reads. */
    private static final Set<String> BY_NAME = Set.of("anneal.executor", "anneal.data", "anneal.roles");

    @Test
    void everySettingIsInTheDocumentAndNoOther() throws Exception {
        String document = Files.readString(Path.of("docs/configuration.md"));
        Set<String> documented = Pattern.compile("--(anneal\\.[a-z0-9.-]+)(\\.VALUE)?=")
                .matcher(document)
                .results()
                .map(option -> option.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> settings = records()
                .flatMap(ConfigurationDocumentTest::names)
                .filter(name -> !name.startsWith("anneal.kubernetes.") && !BY_NAME.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(settings).hasSizeGreaterThan(40);
        assertThat(settings)
                .filteredOn(name -> !name.equals("anneal.hub.token"))
                .isSubsetOf(documented);
        assertThat(document).contains("ANNEAL_HUB_TOKEN");
        assertThat(documented).filteredOn(name -> !BY_NAME.contains(name)).isSubsetOf(settings);
    }

    private static Stream<Class<?>> records() {
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        return scanner.findCandidateComponents("dev.anneal").stream()
                .map(BeanDefinition::getBeanClassName)
                .map(ConfigurationDocumentTest::load);
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<String> names(Class<?> settings) {
        String prefix = settings.getAnnotation(ConfigurationProperties.class).value();
        return Arrays.stream(settings.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> prefix + "." + name.replaceAll("([A-Z])", "-$1").toLowerCase());
    }
}
