package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The programs that bench/clients compiles, which is not part of the tests. */
class ClientProgramsTest {
    private static final Pattern TEXT = Pattern.compile("\"(\\\\.|[^\"\\\\])*+\"");
    private static final Pattern UPLOAD = Pattern.compile("createDataset\\((?=\\s*null)");

    /** A generated method in Java has a parameter for each header and each field of a form, in their order. */
    @ParameterizedTest
    @ValueSource(strings = {"src/test/client/Journey.java", "docs/clients.md"})
    void aJavaProgramPassesEachFieldOfAnUpload(String file) throws IOException {
        String program = Files.readString(Path.of(file));
        Matcher upload = UPLOAD.matcher(program);

        assertThat(upload.find()).isTrue();
        assertThat(arguments(TEXT.matcher(program.substring(upload.end())).replaceAll("")))
                .as("headers and fields")
                .isEqualTo(headers().size() + fields().size());
    }

    /** Counts the arguments up to the closing parenthesis. */
    private static int arguments(String code) {
        int count = 1;
        int depth = 0;
        for (int i = 0; depth >= 0; i++) {
            switch (code.charAt(i)) {
                case '(' -> depth++;
                case ')' -> depth--;
                case ',' -> count += depth == 0 ? 1 : 0;
                default -> {}
            }
        }
        return count;
    }

    private static List<?> headers() throws IOException {
        Object ofPath = value("paths", "/api/v1/datasets", "parameters");
        Object ofOperation = value("paths", "/api/v1/datasets", "post", "parameters");
        return Stream.of((List<?>) ofPath, (List<?>) ofOperation)
                .flatMap(List::stream)
                .toList();
    }

    private static Map<?, ?> fields() throws IOException {
        return (Map<?, ?>) value("components", "schemas", "DatasetUpload", "properties");
    }

    private static Object value(String... path) throws IOException {
        Object node = new Yaml().load(Files.readString(Path.of("openapi.yaml")));
        for (String name : path) {
            node = ((Map<?, ?>) node).get(name);
        }
        return node;
    }
}
