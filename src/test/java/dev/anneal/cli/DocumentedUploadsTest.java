package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;

/** The commands in docs/data.md that upload the files of public data sets. */
@ServerTest
class DocumentedUploadsTest {
    private static final Path DATA = Path.of("../shared/data");

    /** A command, and what it prints. */
    private static final Pattern UPLOAD =
            Pattern.compile("^\\$ \\./anneal (upload .*)\n((?:[^$`\n].*\n)+)", Pattern.MULTILINE);

    private static final Pattern ID = Pattern.compile("ds_[0-9A-Z]{26}");

    @Autowired
    Api api;

    @Autowired
    Environment environment;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wnut17      | --train wnut17train.conll  | 3,394 to train, 1,009 to validate, 1,287 to test
            rt_polarity | rt-polarity.pos            | 10,662 rows, 2 labels
            trec6       | --train TREC.train.all     | 11 leakage
            hatecheck   | test_suite_cases.csv       | 3,728 rows, 2 labels
            """)
    void aDataSetIsUploadedByTheDocumentedCommand(String dataSet, String files, String figures) throws IOException {
        Path directory = DATA.resolve(dataSet);
        assumeTrue(
                Files.exists(directory),
                () -> "Skipped: the data set " + directory
                        + " is not here. It is not part of the project; put it there to run this test.");
        Matcher documented = UPLOAD.matcher(Files.readString(Path.of("docs/data.md")));
        assertThat(documented.results().filter(upload -> upload.group(1).startsWith("upload " + files)))
                .singleElement()
                .satisfies(upload -> {
                    Run run = anneal(Stream.of(upload.group(1).split(" "))
                            .map(word -> Files.exists(directory.resolve(word))
                                    ? directory.resolve(word).toString()
                                    : word)
                            .toArray(String[]::new));

                    assertThat(run.err()).isEmpty();
                    assertThat(withoutId(run.out()))
                            .isEqualTo(withoutId(upload.group(2)).replace("./anneal ", "anneal "))
                            .contains(figures);
                });
    }

    private Run anneal(String... words) {
        String url = "http://127.0.0.1:" + environment.getProperty("local.server.port");
        return Run.with(Map.of("ANNEAL_URL", url, "ANNEAL_KEY", api.key()), "", false, words);
    }

    private static String withoutId(String printed) {
        return ID.matcher(printed).replaceAll("ds_…");
    }
}
