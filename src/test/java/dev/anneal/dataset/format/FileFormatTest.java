package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.cli.option.UploadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The lists of formats outside of {@link FileFormat}, which neither the command line nor the contract can read. */
class FileFormatTest {
    @Test
    void theContractTheCommandLineAndTheDocumentListAllFormats() throws IOException {
        List<String> contract = Pattern.compile("enum: \\[(csv, [^]]*)]")
                .matcher(Files.readString(Path.of("openapi.yaml")))
                .results()
                .map(match -> match.group(1))
                .filter(formats -> !formats.equals("csv, jsonl")) // those of predictions
                .toList();
        String inBackticks = String.join(
                ", ", FileFormat.NAMES.stream().map(name -> "`" + name + "`").toList());

        assertThat(contract).hasSize(3).containsOnly(String.join(", ", FileFormat.NAMES));
        assertThat(Files.readString(Path.of("docs/data.md"))).contains("| `format` | " + inBackticks + " |");
        assertThat(Files.readString(Path.of(
                                "src/main/java/dev/anneal/cli/option/" + UploadOptions.class.getSimpleName() + ".java"))
                        .replaceAll("\\s+", " "))
                .contains("\"" + String.join("\", \"", FileFormat.NAMES) + "\"");
    }

    @Test
    void aFileInAZipIsADatasetIfItsNameEndsLikeOne() {
        assertThat(FileFormat.SUFFIXES)
                .containsExactlyInAnyOrder(
                        "csv", "tsv", "jsonl", "ndjson", "json", "conll", "bio", "iob", "iob2", "parquet", "xlsx");
    }

    @Test
    void theEndOfANameDecidesOnlyIfFilesNamedSoHaveOneFormat() {
        assertThat(FileFormat.ofSuffix("ndjson")).contains(FileFormat.jsonl);
        for (String suffix : List.of("json", "tsv", "xlsx", "parquet", "txt")) {
            assertThat(FileFormat.ofSuffix(suffix)).as(suffix).isEmpty();
        }
    }
}
