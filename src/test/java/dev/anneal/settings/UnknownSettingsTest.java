package dev.anneal.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.anneal.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/** Settings that do not exist are refused, whether they come as options or as environment variables. */
class UnknownSettingsTest {
    private final SettingNames names = new SettingNames(records());

    /** The wrong value would end the start, too, but later. */
    @Test
    void aServerDoesNotStartWithASettingThatDoesNotExist() {
        Throwable failure = catchThrowable(() -> new SpringApplicationBuilder(Server.class)
                .run("--anneal.worker.devises=cpu", "--anneal.worker.lease=-1s", "--server.port=0"));

        assertThat(new SettingFailureAnalyzer().analyze(failure).getDescription())
                .isEqualTo("There is no setting 'anneal.worker.devises'. Did you mean 'anneal.worker.devices'?\n"
                        + "See docs/configuration.md for all settings.");
    }

    @Test
    void aDurationNeedsAUnitUnlessItIsZero() {
        Throwable failure = catchThrowable(() -> new SpringApplicationBuilder(Server.class)
                .run(
                        "--anneal.worker.stop-timeout=0",
                        "--anneal.worker.heartbeat=200ms",
                        "--anneal.worker.lease=5000",
                        "--server.port=0"));

        assertThat(new SettingFailureAnalyzer().analyze(failure).getDescription())
                .isEqualTo("anneal.worker.lease is '5000'. It must be a duration such as 500ms, 15s, 10m, 2h or 7d.");
    }

    @Test
    void settingsAreKnownInEachFormThatSpringBinds() {
        assertThat(options(
                        "anneal.worker.stop-timeout",
                        "anneal.worker.stopTimeout",
                        "anneal.oidc.roles.ml-admins",
                        "anneal.kubernetes.tolerations[0].key",
                        "anneal.kubernetes.resources.cpu-limit",
                        "anneal.home",
                        "spring.datasource.url"))
                .isEmpty();
        assertThat(variables(
                        "ANNEAL_WORKER_STOPTIMEOUT",
                        "ANNEAL_S3_PATH_STYLE",
                        "ANNEAL_OIDC_ROLES_ADMINS",
                        "ANNEAL_KUBERNETES_TOLERATIONS_0_KEY",
                        "ANNEAL_KUBERNETES_RESOURCES_CPULIMIT"))
                .isEmpty();
        assertThat(options("anneal.worker", "anneal.worker.lease.seconds")).hasSize(2);
    }

    @Test
    void allSettingsOfTheDocumentAreKnown() throws IOException {
        String document = Files.readString(Path.of("docs/configuration.md"));

        assertThat(options(matches("--(anneal\\.[a-z0-9.-]*[a-z0-9])", document)))
                .isEmpty();
        assertThat(variables(matches("\\b(ANNEAL_[A-Z0-9_]+)", document))).isEmpty();
        assertThat(matches("\\b(ANNEAL_[A-Z0-9_]+)", document)).hasSizeGreaterThan(40);
    }

    @Test
    void aVariableThatIsMeantAsASettingIsRefusedAndOthersAreNot() {
        assertThat(variables("ANNEAL_WORKER_DEVICE"))
                .containsExactly("There is no setting for the variable 'ANNEAL_WORKER_DEVICE'."
                        + " Did you mean 'ANNEAL_WORKER_DEVICES'?");
        assertThat(variables("ANNEAL_DATABASE_ULR").get(0)).endsWith("Did you mean 'ANNEAL_DATABASE_URL'?");
        assertThat(variables("ANNEAL_ROLE").get(0)).endsWith("Did you mean 'ANNEAL_ROLES'?");
        assertThat(variables(
                        "ANNEAL_KEY",
                        "ANNEAL_URL",
                        "ANNEAL_PROJECT",
                        "ANNEAL_MODEL",
                        "ANNEAL_DB_PASSWORD",
                        "ANNEAL_SERVICE_HOST",
                        "ANNEAL_SERVICE_PORT_HTTP",
                        "ANNEAL_PORT_8420_TCP_ADDR",
                        "ANNEAL_WORKER_PORT",
                        "PATH"))
                .isEmpty();
    }

    private List<String> options(String... given) {
        return names.unknown(Stream.of(given));
    }

    private List<String> variables(String... given) {
        return names.unknownVariables(Stream.of(given));
    }

    private static String[] matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toArray(String[]::new);
    }

    private static List<Class<?>> records() {
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        return scanner.findCandidateComponents("dev.anneal").stream()
                .map(BeanDefinition::getBeanClassName)
                .<Class<?>>map(name -> ClassUtils.resolveClassName(name, null))
                .toList();
    }
}
