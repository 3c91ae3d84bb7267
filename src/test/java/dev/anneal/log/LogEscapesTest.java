package dev.anneal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

@ExtendWith(OutputCaptureExtension.class)
class LogEscapesTest {
    private static final Logger log = LoggerFactory.getLogger(LogEscapesTest.class);
    private static final String FORGED = "\n2030-01-01T00:00:00.000Z INFO  Slot: forged";

    @BeforeEach
    @AfterEach
    void forgetTheSettingsThatSpringKeepsInTheProcess() {
        System.clearProperty("CONSOLE_LOG_PATTERN");
        System.clearProperty("CONSOLE_LOG_STRUCTURED_FORMAT");
    }

    @AfterAll
    static void restoreTheLog() {
        start("", () -> {});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--logging.pattern.console=%m%n",
                "--logging.pattern.console=%message%wEx%n",
                "--logging.pattern.console=%msg%n%throwable",
                "--logging.pattern.console=[%-5level{}] %replace(%msg){'x','y'}%n%xEx",
                "--logging.structured.format.console=logstash",
                "--logging.structured.format.console=ecs"
            })
    void noTextOfAUserCanBeginALineOrControlTheTerminal(String setting, CapturedOutput output) {
        RuntimeException thrown = new IllegalStateException("outer" + FORGED, new RuntimeException("cause" + FORGED));
        thrown.addSuppressed(new RuntimeException("suppressed" + FORGED));
        start(setting, () -> {
            log.warn("dataset {}", "name" + FORGED + "\r\u001b]0;title\u0007\u009b2J\u202e");
            log.error("concatenated " + FORGED, thrown);
        });

        assertThat(output.getOut())
                .contains("dataset name")
                .contains("concatenated ")
                .contains("suppressed");
        assertThat(output.getOut().lines()).noneMatch(line -> line.startsWith("2030"));
        assertThat(output.getOut()).doesNotContain("\u001b", "\u0007", "\u009b", "\r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"logstash", "ecs", "gelf"})
    void aLogInJsonHasTheJobAsAField(String format, CapturedOutput output) {
        start("--logging.structured.format.console=" + format, () -> {
            MDC.put("job", "job_1");
            log.info("the attempt begins");
            MDC.remove("job");
        });

        List<JsonNode> lines = output.getOut()
                .lines()
                .filter(line -> line.contains("the attempt begins"))
                .map(Json.MAPPER::readTree)
                .toList();
        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line.path("job").asString("")
                                + line.path("_job").asString(""))
                        .isEqualTo("job_1"));
    }

    @Test
    void aStackTraceKeepsALineForEachFrame(CapturedOutput output) {
        start("", () -> log.error("failed", new IllegalStateException("outer", new RuntimeException("a\tb\nc\u202e"))));

        assertThat(output.getOut())
                .containsPattern("(?m)^\\S+ ERROR +LogEscapesTest: failed$")
                .containsPattern("(?m)^java.lang.IllegalStateException: outer$")
                .containsPattern("(?m)^Caused by: java.lang.RuntimeException: a\tb\\\\nc\\\\u202e$")
                .containsPattern("(?m)^\tat dev.anneal.log.LogEscapesTest");
    }

    @Test
    void theReportOfAFailedStartKeepsItsLines(CapturedOutput output) {
        Logger reporter =
                LoggerFactory.getLogger("org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter");
        start("", () -> reporter.error("\n\nAPPLICATION FAILED TO START\n\nDescription:\n\u001b[2Jport"));

        assertThat(output.getOut()).contains("\n\nAPPLICATION FAILED TO START\n\nDescription:\n\\u001b[2Jport");
    }

    private static void start(String setting, Runnable work) {
        try (ConfigurableApplicationContext server = new SpringApplicationBuilder(LogEscapesTest.class)
                .web(WebApplicationType.NONE)
                .run(setting.isEmpty() ? new String[0] : new String[] {setting})) {
            work.run();
        }
    }
}
