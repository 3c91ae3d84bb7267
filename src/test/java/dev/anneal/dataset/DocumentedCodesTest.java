package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract explains each code with which a row, a file or a request for datasets can be refused or warned of. */
class DocumentedCodesTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/anneal/dataset");

    /** A code is followed by its message, which begins with a capital letter, a quotation mark or a value. */
    private static final Pattern CODE =
            Pattern.compile("\"([a-z]+\\d*(?:_[a-z]+\\d*)+)\",\\s*\\(?\\s*(?:what \\+|\"[A-Z'%])");

    @Test
    void eachCodeOfAProblemIsInTheContract() throws IOException {
        String contract = Files.readString(Path.of("openapi.yaml"));
        Map<String, String> codes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher code = CODE.matcher(Files.readString(file));
                while (code.find()) {
                    codes.putIfAbsent(code.group(1), file.getFileName().toString());
                }
            }
        }

        assertThat(codes).hasSizeGreaterThan(80);
        codes.keySet().removeIf(code -> contract.contains("`" + code + "`"));
        assertThat(codes).as("codes that openapi.yaml does not name").isEmpty();
    }
}
