package dev.anneal.dataset.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.check.RowTexts;
import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Duplicates.Kind;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.dataset.file.Row;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The steps on rows in memory. */
class VersionStepsTest {
    private static final Deadline NO_DEADLINE = new Deadline(Duration.ofHours(1), () -> {});

    @TempDir
    Path directory;

    private static Row row(int number, String split, String text) {
        ObjectNode content = Json.MAPPER.createObjectNode().put("text", text).put("label", "a");
        return new Row(number, null, number, split, "a", content, Map.of());
    }

    /** Returns rows that are new objects each time. */
    private static RowSource source(List<Row> rows) {
        return visitor -> {
            for (Row row : rows) {
                visitor.visit(row(
                        (int) row.number(),
                        String.valueOf(row.split()),
                        row.content().get("text").asString()));
            }
        };
    }

    private List<Row> apply(List<Row> rows, String steps, long maxRows, Deadline deadline) throws IOException {
        JsonNode parsed = Json.MAPPER.readTree("[" + steps + "]");
        VersionSteps version =
                new StepParser(List.of("a"), id -> new StepParser.Appended(source(rows), List.of("a"))).parse(parsed);
        List<Row> after = new ArrayList<>();
        version.apply(source(rows), directory, maxRows, deadline).forEach(after::add);
        return after;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]} | user  | LL    | 7
            {"tokens":["Ada","lives"],"tags":["B-PER","O"]}                                      | PER   | a Liv | 9
            {"text":"\\ud83d\\ude00 yes","text_pair":"no"}                                       | s n   | YES   | 7
            """)
    void aFilterSeesTheTextsOfARowAndNothingElse(String content, String other, String part, int characters) {
        Row row = new Row(1, null, 1, "train", null, (ObjectNode) Json.MAPPER.readTree(content), Map.of());

        assertThat(new Filter(null, null, part, other, characters, characters).apply(row))
                .isSameAs(row);
        assertThat(new Filter(null, null, other, null, null, null).apply(row)).isNull();
        assertThat(new Filter(null, null, null, part, null, null).apply(row)).isNull();
        assertThat(new Filter(null, null, null, null, characters + 1, null).apply(row))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "I-A I-B O I-A I-A, I-X B-X O I-X I-X",
        "B-A B-B I-B, B-X B-X I-X",
        "B-A I-B B-A, B-X B-X B-X",
        "I-C I-B I-C, I-C I-X I-C"
    })
    void entitiesThatTouchStayApartIfTheirTypesAreMerged(String tags, String merged) {
        ObjectNode content = Json.MAPPER.createObjectNode();
        for (String tag : tags.split(" ")) {
            content.withArray("tags").add(tag);
        }
        RowEdits.labels(new Row(1, null, 1, "train", null, content, Map.of()), type -> type.equals("C") ? type : "X");

        assertThat(content.get("tags").valueStream().map(JsonNode::asString)).containsExactly(merged.split(" "));
    }

    private static String letters(Random random, int words) {
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < words; word++) {
            text.append(text.isEmpty() ? "" : " ");
            for (int letters = 2 + random.nextInt(7); letters > 0; letters--) {
                text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    /** Returns rows of clusters: texts that are equal or almost equal, in random splits and order. */
    private static List<Row> clusters(Random random) {
        List<String> texts = new ArrayList<>();
        for (int cluster = 0; cluster < 12; cluster++) {
            String text = letters(random, 12 + random.nextInt(20));
            for (int i = random.nextInt(60); i >= 0; i--) {
                StringBuilder changed = new StringBuilder(text);
                for (int edits = random.nextInt(4); edits > 0; edits--) {
                    changed.setCharAt(random.nextInt(text.length()), (char) ('a' + random.nextInt(26)));
                }
                for (int copies = random.nextInt(3); copies >= 0; copies--) {
                    texts.add(
                            random.nextBoolean()
                                    ? changed.toString()
                                    : changed.toString().toUpperCase());
                }
            }
        }
        Collections.shuffle(texts, random);
        int testOf = 2 + random.nextInt(40);
        List<Row> rows = new ArrayList<>();
        for (String text : texts) {
            boolean evaluation = random.nextInt(testOf) == 0;
            String split = !evaluation ? "train" : random.nextBoolean() ? "test" : "validation";
            rows.add(row(rows.size() + 1, split, text));
        }
        return rows;
    }

    /** Returns the kinds of repetitions that a check finds. */
    private Set<Kind> check(List<Row> rows) throws IOException {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Sides sides = new Sides();
        try (Duplicates duplicates = new Duplicates(directory, CheckOptions.DEFAULT)) {
            for (Row row : rows) {
                if (!"train".equals(row.split())) {
                    sides.evaluate((int) row.number());
                }
                duplicates.add((int) row.number(), row.number(), RowTexts.of(row.content()), row.label());
            }
            assertThat(duplicates.find(
                            sides, EnumSet.allOf(Kind.class), (kind, row, other, similarity) -> kinds.add(kind)))
                    .isTrue();
        }
        return kinds;
    }

    @ParameterizedTest
    @CsvSource({"train", "evaluation"})
    void noLeakageIsLeftAfterItIsRemovedAndOtherRowsStay(String from) throws IOException {
        int found = 0;
        for (int seed = 0; seed < 40; seed++) {
            List<Row> rows = clusters(new Random(seed));
            found += check(rows).contains(Kind.NEAR_LEAKAGE) ? 1 : 0;

            List<Row> after = apply(rows, "{\"type\":\"remove_leakage\",\"from\":\"" + from + "\"}", 0, NO_DEADLINE);

            assertThat(check(after)).as("seed %d", seed).doesNotContain(Kind.LEAKAGE, Kind.NEAR_LEAKAGE);
            Set<Long> kept = after.stream().map(Row::number).collect(Collectors.toSet());
            Map<Long, Set<String>> shingles =
                    rows.stream().collect(Collectors.toMap(Row::number, VersionStepsTest::shingles));
            for (Row row : rows) {
                if (!kept.contains(row.number())) {
                    assertThat("train".equals(row.split())).isEqualTo(from.equals("train"));
                    assertThat(rows.stream()
                                    .filter(other -> "train".equals(other.split()) != from.equals("train"))
                                    .anyMatch(other ->
                                            similarity(shingles.get(row.number()), shingles.get(other.number()))
                                                    >= 0.8))
                            .as("row %d of seed %d", row.number(), seed)
                            .isTrue();
                }
            }
        }
        assertThat(found).isGreaterThan(20);
    }

    @Test
    void noNearDuplicateIsLeftAfterTheyAreDropped() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            List<Row> rows = clusters(new Random(seed));

            List<Row> after = apply(rows, "{\"type\":\"drop_near_duplicates\"}", 0, NO_DEADLINE);

            assertThat(check(after)).as("seed %d", seed).doesNotContain(Kind.DUPLICATE, Kind.NEAR_DUPLICATE);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, true", "300000000, false"})
    void aStepSaysWhetherItsSearchForNearDuplicatesStopped(long work, boolean stopped) throws IOException {
        CheckOptions options = new CheckOptions(true, 0.8, new CheckOptions.Work(work, 0));
        VersionSteps steps = new VersionSteps();
        steps.add(
                new DropRepetitions(EnumSet.of(Kind.DUPLICATE, Kind.NEAR_DUPLICATE), options, false),
                Json.MAPPER.createObjectNode());
        List<Row> rows = clusters(new Random(1));

        steps.apply(source(rows), directory, 0, NO_DEADLINE).forEach(row -> {});

        assertThat(steps.changes()).extracting(Change::stopped).containsExactly(stopped);
        assertThat(steps.changes().get(0).rowsRemoved()).isPositive();
    }

    private static double similarity(Set<String> a, Set<String> b) {
        long both = a.stream().filter(b::contains).count();
        return (double) both / (a.size() + b.size() - both);
    }

    private static Set<String> shingles(Row row) {
        String text = row.content().get("text").asString().toLowerCase();
        Set<String> shingles = new HashSet<>();
        for (int i = 0; i + 5 <= text.length(); i++) {
            shingles.add(text.substring(i, i + 5));
        }
        return shingles;
    }

    @Test
    void aSampleKeepsTheShareOfEachOfManyLabelsInEachSplit() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 500 * 3 * 4; i++) {
            String label = "label " + i % 500;
            ObjectNode content =
                    Json.MAPPER.createObjectNode().put("text", "text " + i).put("label", label);
            String split = List.of("train", "validation", "test").get(i / 500 % 3);
            rows.add(new Row(i + 1, null, i + 1, split, label, content, Map.of()));
        }
        JsonNode steps = Json.MAPPER.readTree("[{\"type\":\"sample\",\"fraction\":0.5}]");
        Map<String, Integer> kept = new java.util.HashMap<>();

        new StepParser(List.of(), id -> new StepParser.Appended(visitor -> {}, List.of()))
                .parse(steps)
                .apply(
                        visitor -> {
                            for (Row row : rows) {
                                visitor.visit(row);
                            }
                        },
                        directory,
                        0,
                        NO_DEADLINE)
                .forEach(row -> kept.merge(row.split() + " " + row.label(), 1, Integer::sum));

        assertThat(kept).hasSize(1_500);
        assertThat(kept.values()).containsOnly(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"strip"}
            {"type":"drop_near_duplicates"}
            {"type":"remove_leakage"}
            {"type":"sample","rows":3}
            {"type":"append","dataset":"ds_other"}
            """)
    void stepsEndAtTheDeadline(String step) {
        List<Row> rows = List.of(row(1, "train", "one"), row(2, "test", "two"));

        assertThatThrownBy(() -> apply(rows, step, 0, new Deadline(Duration.ZERO, () -> {})))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("steps_too_slow"))
                .hasMessageContaining("anneal.upload.max-version-time");
    }

    @Test
    void appendedRowsAreLimitedAlsoIfALaterStepRemovesThem() throws IOException {
        List<Row> rows = List.of(row(1, "train", "one"), row(2, "test", "two"), row(3, "test", "three"));
        String append = "{\"type\":\"append\",\"dataset\":\"ds_other\"}";

        assertThatThrownBy(
                        () -> apply(rows, append + "," + append + ",{\"type\":\"sample\",\"rows\":2}", 8, NO_DEADLINE))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("too_many_rows"));
        assertThat(apply(rows, append + ",{\"type\":\"filter\",\"contains\":\"o\"}," + append, 8, NO_DEADLINE))
                .hasSize(7);
    }
}
