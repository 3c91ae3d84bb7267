package dev.anneal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class JsonTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/anneal");
    private static final Pattern CATCH = Pattern.compile(
            "(?s)(?:catch \\([^)]*JacksonException|instanceof JacksonException) (\\w+)\\).*?\\n {4,12}}");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": [1",
                "[\"a\"",
                "{\"a\": 1} {}",
                "{\"a\"",
                "nope",
                "\"\\x\"",
                "{",
                "{\"a",
                "[\"abc",
                "{\"a\":1,}",
                "[1,]",
                "{\"a\":}",
                "[1}",
                "]",
                "{a:1}",
                "[1 2]",
                "{\"a\" 1}",
                "[NaN]",
                "[+1]",
                "[01]",
                "[-]",
                "[1.]",
                "[1e]",
                "// c",
                "[\"a\nb\"]",
                "[\"a\tb\"]",
                "[\"\u0001\"]",
                "\u0001[1]",
                "[\"\\u12\"]",
                "[\"\\",
                "[tru",
                "[,1]",
                "<html>",
                "[comment]",
                "-",
                "--1",
                "/",
                "{\"a\":1,\"a\":2}",
                "{\"end-of-input\":1,\"end-of-input\":2}"
            })
    void aReasonHasNoInternalsOfTheParser(String json) {
        JacksonException e = catchThrowableOfType(JacksonException.class, () -> Json.STRICT.readTree(json));

        assertThat(Json.reason(e))
                .isNotBlank()
                .isNotEqualTo(JsonSyntax.reason(""))
                .doesNotContain(
                        "Source", "Feature", "tools.jackson", "oken", "marker", "CTRL", "code ", "input:", "expect");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"seed\": \"x\"}",
                "{\"seed\": [1]}",
                "{\"threads\": {}}",
                "{\"threads\": \"many\"}",
                "{\"threads\": 99999999999}",
                "{\"precision\": 5000}",
                "{\"precision\": \"fp1\"}",
                "{\"checkpoints\": 3}",
                "{\"hyperparameters\": []}",
                "{\"hyperparameters\": {\"epochs\": -1}}",
                "{}",
                "[]",
                "3"
            })
    void aReasonHasNoNamesOfOurClasses(String json) {
        for (Class<?> type : List.of(JobSpec.class, Placement.class)) {
            try {
                Json.read(json, type);
            } catch (JacksonException e) {
                assertThat(Json.reason(e))
                        .isNotBlank()
                        .doesNotContain("dev.anneal", "java.", "tools.jackson", "JsonToken.");
            }
        }
    }

    @Test
    void aReasonQuotesTheTextInShort() {
        JacksonException e = catchThrowableOfType(
                JacksonException.class,
                () -> Json.STRICT.readTree("{\"\u001b" + "x".repeat(90) + "\":1,\"\u001b" + "x".repeat(90) + "\":1}"));

        assertThat(Json.reason(e)).startsWith("A string has a control character.");
        JacksonException twice = catchThrowableOfType(
                JacksonException.class,
                () -> Json.STRICT.readTree("{\"" + "\\n".repeat(90) + "\":1,\"" + "\\n".repeat(90) + "\":1}"));
        assertThat(Json.reason(twice)).isEqualTo("The field '" + "\\n".repeat(80) + "…' occurs twice");
    }

    @Test
    void aReasonNamesTheField() {
        JacksonException e = catchThrowableOfType(
                JacksonException.class, () -> Json.read("{\"checkpoints\": {\"keep\": \"all\"}}", JobSpec.class));

        assertThat(Json.reason(e))
                .isEqualTo("'checkpoints.keep': Cannot deserialize value from String \"all\": not a valid `int` value");
    }

    @Test
    void noOtherClassShowsTheMessageOfTheParser() throws IOException {
        List<String> found = new ArrayList<>();
        int catches = 0;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.endsWith("json/Json.java"))
                    .toList()) {
                String source = Files.readString(file);
                if (source.contains("getOriginalMessage")) {
                    found.add(file + " calls getOriginalMessage");
                }
                Matcher block = CATCH.matcher(source);
                while (block.find()) {
                    catches++;
                    if (block.group().contains(block.group(1) + ".getMessage()")) {
                        found.add(file + " calls getMessage of a JacksonException");
                    }
                }
            }
        }

        assertThat(catches).as("handlers of a JacksonException").isGreaterThan(10);
        assertThat(found).as("use Json.reason").isEmpty();
    }
}
