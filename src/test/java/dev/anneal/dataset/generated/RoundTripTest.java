package dev.anneal.dataset.generated;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random rows are stored as they are in the file, and read back from the rows and the exports. Run other rows with
 * {@code -Dround-trip.seed=7 -Dround-trip.count=100}.
 */
@ServerTest
@Timeout(300)
@TestPropertySource(properties = "anneal.roles=api,inference")
class RoundTripTest {
    private static final List<String> ENCODINGS = List.of(
            "utf-8", "utf-8+bom", "utf-16le+bom", "utf-16be+bom", "utf-16le", "utf-16be", "iso-8859-1", "windows-1252");
    private static final long SEED = Long.getLong("round-trip.seed", 1);
    private static final int COUNT = Integer.getInteger("round-trip.count", 1);

    @Autowired
    Api api;

    static Stream<Arguments> formats() {
        return Stream.concat(
                RandomFile.TEXTS.stream().flatMap(format -> ENCODINGS.stream().map(name -> Arguments.of(format, name))),
                RandomFile.OTHERS.stream().map(format -> Arguments.of(format, "utf-8")));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatIsStoredReadsBackAsItWasInTheFile(String format, String encoding) throws IOException {
        for (long seed = SEED; seed < SEED + COUNT; seed++) {
            String name = "%s in %s, seed %d".formatted(format, encoding, seed);
            RandomFile file = RandomFile.of(format, encoding, seed);
            Answer created = api.upload(file.name(), file.bytes(), form(file));
            assertThat(created.status()).as("%s: %s", name, created.json()).isEqualTo(201);
            String path = "/api/v1/datasets/" + created.text("id");

            assertThat(plain(api.get(path + "/rows?limit=1000")
                            .json()
                            .get("data")
                            .valueStream()))
                    .as("rows of %s", name)
                    .isEqualTo(file.rows());
            Answer lines = api.get(path + "/export?format=jsonl");
            assertThat(plain(new String(lines.bytes(), UTF_8).lines().map(Json.MAPPER::readTree)))
                    .as("JSONL of %s", name)
                    .isEqualTo(file.rows());
            if (file.rows().get(0).has("label")) {
                Answer csv = api.get(path + "/export?format=csv");
                assertThat(csv(new String(csv.bytes(), UTF_8)))
                        .as("CSV of %s", name)
                        .isEqualTo(file.rows());
            }
            api.delete(path);
        }
    }

    /** One label is too few to train on, so such a file is for evaluation only. */
    private static Map<String, String> form(RandomFile file) {
        if (file.form().containsKey("file_labels")) {
            file.form().put("split", "{\"test\":1}");
        }
        return file.form();
    }

    private static List<ObjectNode> plain(Stream<JsonNode> rows) {
        return rows.map(ObjectNode.class::cast)
                .peek(row -> row.remove(List.of("number", "split")))
                .toList();
    }

    private static List<ObjectNode> csv(String text) throws IOException {
        List<ObjectNode> rows = new ArrayList<>();
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (CSVParser parser = CSVParser.builder()
                .setReader(new StringReader(text))
                .setFormat(format)
                .get()) {
            for (CSVRecord row : parser) {
                rows.add(Json.MAPPER
                        .createObjectNode()
                        .put("text", row.get("text"))
                        .put("label", row.get("label")));
            }
        }
        return rows;
    }
}
