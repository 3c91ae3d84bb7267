package dev.anneal.dataset.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.file.SplitMethod;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The promises of each method of splitting, for many random datasets. */
class RowSplitterTest {
    private static final List<String> PARTS = List.of("train", "validation", "test");

    @TempDir
    Path directory;

    private static SplitOptions options(SplitMethod method, double validation, double test, long seed) {
        return new SplitOptions(method, validation, test, seed, 0, 0);
    }

    /** Returns the split of each row. */
    private List<String> split(List<ObjectNode> rows, SplitOptions options) throws IOException {
        try (RowSplitter splitter = new RowSplitter(directory, options, "split")) {
            for (int i = 0; i < rows.size(); i++) {
                splitter.add(new Row(i + 1, null, i + 1, null, null, rows.get(i), Map.of()));
            }
            Splits splits = splitter.draw();
            return IntStream.rangeClosed(1, rows.size()).mapToObj(splits::of).toList();
        }
    }

    private static List<ObjectNode> rows(int count, IntFunction<ObjectNode> row) {
        return IntStream.range(0, count).mapToObj(row).toList();
    }

    private static ObjectNode row() {
        return Json.MAPPER.createObjectNode();
    }

    private static long count(List<String> splits, String split) {
        return splits.stream().filter(split::equals).count();
    }

    private static long rounded(double share, long rows) {
        return BigDecimal.valueOf(share)
                .multiply(BigDecimal.valueOf(rows))
                .setScale(0, RoundingMode.HALF_UP)
                .longValue();
    }

    /** Returns how many rows with each value of a field are in each split. */
    private static Map<String, Map<String, Integer>> counts(
            List<ObjectNode> rows, List<String> splits, Function<ObjectNode, List<String>> values) {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (int i = 0; i < rows.size(); i++) {
            for (String value : values.apply(rows.get(i))) {
                counts.computeIfAbsent(value, key -> new HashMap<>()).merge(splits.get(i), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static List<String> label(ObjectNode row) {
        return List.of(row.get("label").asString());
    }

    private static List<String> labels(ObjectNode row) {
        return row.get("labels").valueStream().map(JsonNode::asString).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void stratifiedGivesEachLabelItsSharesAndTheSameForTheSameSeed(long seed) throws IOException {
        Random random = new Random(seed);
        double test = random.nextInt(50) / 100.0;
        double validation = random.nextInt(50) / 100.0;
        int labels = 1 + random.nextInt(30);
        List<ObjectNode> rows = rows(
                1 + random.nextInt(2_000), i -> row().put("label", "l" + random.nextInt(1 + random.nextInt(labels))));

        List<String> splits = split(rows, options(null, validation, test, seed));

        counts(rows, splits, RowSplitterTest::label).forEach((label, parts) -> {
            long size = parts.values().stream().mapToInt(Integer::intValue).sum();
            assertThat(parts.getOrDefault("test", 0)).as(label).isEqualTo((int) rounded(test, size));
            assertThat(parts.getOrDefault("validation", 0)).as(label).isEqualTo((int)
                    Math.min(rounded(validation, size), size - rounded(test, size)));
        });
        assertThat(split(rows, options(SplitMethod.STRATIFIED, validation, test, seed)))
                .isEqualTo(splits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STRATIFIED", "GROUP", "CONTENT_HASH"})
    void anotherSeedDrawsOtherRows(SplitMethod method) throws IOException {
        List<ObjectNode> rows =
                rows(500, i -> row().put("text", "text " + i).put("label", "l").put("group", "g" + i / 3));

        assertThat(split(rows, options(method, 0.1, 0.1, 1))).isNotEqualTo(split(rows, options(method, 0.1, 0.1, 2)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noGroupIsOnTwoSidesAndMovingOneWouldNotBringTheSizesNearer(long seed) throws IOException {
        Random random = new Random(seed);
        double[] shares = {0, random.nextInt(4) / 10.0, random.nextInt(6) / 10.0};
        shares[0] = 1 - shares[1] - shares[2];
        int most = 1 + random.nextInt(60);
        int groups = 1 + random.nextInt(60);
        List<ObjectNode> rows = new ArrayList<>();
        for (int group = 0; group < groups; group++) {
            for (int i = random.nextInt(most); i >= 0; i--) {
                rows.add(row().put("text", "t").put("group", "user " + group));
            }
        }

        List<String> splits = split(rows, options(SplitMethod.GROUP, shares[1], shares[2], seed));

        Map<String, Map<String, Integer>> sides =
                counts(rows, splits, row -> List.of(row.get("group").asString()));
        assertThat(sides.values()).allSatisfy(parts -> assertThat(parts).hasSize(1));
        double[] away = new double[3];
        for (int part = 0; part < 3; part++) {
            away[part] = count(splits, PARTS.get(part)) - shares[part] * rows.size();
        }
        sides.forEach((group, parts) -> {
            int from = PARTS.indexOf(parts.keySet().iterator().next());
            int size = parts.values().iterator().next();
            for (int to = 0; to < 3; to++) {
                if (to != from && shares[to] > 0) {
                    double now = Math.abs(away[from]) + Math.abs(away[to]);
                    double moved = Math.abs(away[from] - size) + Math.abs(away[to] + size);
                    assertThat(moved).as(group).isGreaterThanOrEqualTo(now - 1e-6);
                }
            }
        });
    }

    @Test
    void groupsOfEachSizeAreOnEachSide() throws IOException {
        List<ObjectNode> rows = new ArrayList<>();
        for (int group = 0; group < 300; group++) {
            for (int i = 0; i < (group % 3 == 0 ? 20 : 1); i++) {
                rows.add(row().put("group", "g" + group));
            }
        }

        List<String> splits = split(rows, options(null, 0.1, 0.2, 1));

        Set<String> large = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            if (Integer.parseInt(rows.get(i).get("group").asString().substring(1)) % 3 == 0) {
                large.add(splits.get(i));
            }
        }
        assertThat(count(splits, "test")).isEqualTo(440);
        assertThat(count(splits, "validation")).isEqualTo(220);
        assertThat(large).containsExactlyInAnyOrderElementsOf(PARTS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void eachLabelOfGroupsHasATrainingRow(long seed) throws IOException {
        Random random = new Random(seed);
        List<ObjectNode> rows =
                rows(400, i -> row().put("label", "l" + random.nextInt(60)).put("group", "g" + random.nextInt(100)));

        List<String> splits = split(rows, options(SplitMethod.GROUP, 0.2, 0.3, seed));

        assertThat(counts(rows, splits, RowSplitterTest::label).values())
                .allSatisfy(parts -> assertThat(parts).containsKey("train"));
        assertThat(splits).contains("validation", "test");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theLatestRowsAreForTestAndThoseBeforeForValidation(long seed) throws IOException {
        Random random = new Random(seed);
        int span = 1 + random.nextInt(1_000);
        List<ObjectNode> rows = rows(
                1 + random.nextInt(800),
                i -> row().put(
                                "time",
                                Instant.EPOCH
                                        .plusSeconds(random.nextInt(span) - span / 2)
                                        .toString()));

        List<String> splits = split(rows, options(SplitMethod.TIME, 0.2, 0.15, seed));

        List<Integer> inTime = IntStream.range(0, rows.size())
                .boxed()
                .sorted((a, b) -> Instant.parse(rows.get(a).get("time").asString())
                        .compareTo(Instant.parse(rows.get(b).get("time").asString())))
                .toList(); // a stable sort: rows of one time keep their order
        List<String> expected = new ArrayList<>(splits);
        int tests = (int) rounded(0.15, rows.size());
        int validations = (int) rounded(0.2, rows.size());
        for (int place = 0; place < rows.size(); place++) {
            int fromEnd = rows.size() - place;
            expected.set(
                    inTime.get(place),
                    fromEnd <= tests ? "test" : fromEnd <= tests + validations ? "validation" : "train");
        }
        assertThat(splits).isEqualTo(expected);
    }

    @Test
    void aRowKeepsItsSideByContentIfRowsAreAddedOrMovedOrWrittenDifferently() throws IOException {
        List<ObjectNode> rows = rows(3_000, i -> row().put("text", "The text number " + i));
        SplitOptions options = options(SplitMethod.CONTENT_HASH, 0.1, 0.2, 42);
        List<String> splits = split(rows, options);

        List<ObjectNode> more = new ArrayList<>(rows(500, i -> row().put("text", "another " + i)));
        more.addAll(rows(3_000, i -> row().put("text", " the TEXT  number " + i)));
        List<String> again = split(more, options);

        assertThat(again.subList(500, 3_500)).isEqualTo(splits);
        assertThat(count(splits, "test")).isBetween(540L, 660L); // 600, and less than three standard deviations
        assertThat(count(splits, "validation")).isBetween(251L, 349L);
    }

    private static ObjectNode labelled(List<String> labels) {
        ArrayNode list = Json.MAPPER.createArrayNode();
        labels.forEach(list::add);
        return row().<ObjectNode>set("labels", list);
    }

    /** Rows whose labels are rarer the higher their number is, and occur together. */
    private static List<ObjectNode> multiLabel(Random random, int count) {
        return rows(count, i -> {
            Set<String> labels = new TreeSet<>();
            for (int k = random.nextInt(4); k > 0; k--) {
                int label = (int) (20 * random.nextDouble() * random.nextDouble());
                labels.add("l" + label);
                if (random.nextBoolean()) {
                    labels.add("l" + label / 2);
                }
            }
            return labelled(List.copyOf(labels));
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rowsWithSeveralLabelsAreStratifiedIteratively(long seed) throws IOException {
        List<ObjectNode> rows = multiLabel(new Random(seed), 1_000);

        List<String> splits = split(rows, options(null, 0.2, 0.1, seed));

        assertThat(count(splits, "validation")).isEqualTo(200);
        assertThat(count(splits, "test")).isEqualTo(100);
        counts(rows, splits, RowSplitterTest::labels).forEach((label, parts) -> {
            int size = parts.values().stream().mapToInt(Integer::intValue).sum();
            assertThat(parts).as(label).containsKey("train");
            assertThat(parts.getOrDefault("test", 0) - 0.1 * size).as(label).isBetween(-2.5, 2.5);
            assertThat(parts.getOrDefault("validation", 0) - 0.2 * size)
                    .as(label)
                    .isBetween(-2.5, 2.5);
        });
    }

    @Test
    void sentencesAreStratifiedByTheTypesOfTheirEntities() throws IOException {
        List<ObjectNode> rows = rows(400, i -> {
            ObjectNode row = row();
            ArrayNode tags = row.putArray("tags");
            tags.add("O");
            if (i % 20 == 0) {
                tags.add("B-rare").add("I-rare");
            }
            if (i % 2 == 0) {
                tags.add("B-common");
            }
            return row;
        });

        List<String> splits = split(rows, options(null, 0.1, 0.2, 5));

        Map<String, Map<String, Integer>> types = counts(rows, splits, row -> List.copyOf(RowLabels.all(row)));
        assertThat(types.get("rare").get("validation")).isBetween(1, 3);
        assertThat(types.get("rare").get("test")).isBetween(3, 5);
        assertThat(types.get("common").get("validation")).isBetween(19, 21);
        assertThat(types.get("common").get("test")).isBetween(39, 41);
    }

    /** Returns the splits of all folds. */
    private List<List<String>> folds(List<ObjectNode> rows, int folds, double validation) throws IOException {
        List<List<String>> all = new ArrayList<>();
        for (int fold = 1; fold <= folds; fold++) {
            all.add(split(rows, new SplitOptions(SplitMethod.K_FOLD, validation, 0, 3, folds, fold)));
        }
        for (int i = 0; i < rows.size(); i++) {
            int row = i;
            assertThat(all.stream().filter(splits -> splits.get(row).equals("test")))
                    .as("row " + i)
                    .hasSize(1);
        }
        return all;
    }

    @Test
    void eachRowIsForTestInOneFoldAndLabelsAreEven() throws IOException {
        List<ObjectNode> rows = rows(103, i -> row().put("label", i % 4 == 0 ? "few" : "many"));

        for (List<String> splits : folds(rows, 5, 0)) {
            Map<String, Map<String, Integer>> labels = counts(rows, splits, RowSplitterTest::label);
            assertThat(count(splits, "test")).isBetween(20L, 21L);
            assertThat(labels.get("few").get("test")).isBetween(5, 6);
            assertThat(labels.get("many").get("test")).isBetween(15, 16);
            assertThat(splits).doesNotContain("validation");
        }
    }

    @Test
    void aShareOfTheOtherFoldsCanBeForValidation() throws IOException {
        List<ObjectNode> rows = rows(100, i -> row().put("label", i % 2 == 0 ? "a" : "b"));

        for (List<String> splits : folds(rows, 4, 0.2)) {
            assertThat(count(splits, "test")).isBetween(24L, 26L);
            assertThat(count(splits, "validation")).isBetween(14L, 16L);
        }
    }

    @Test
    void foldsKeepGroupsTogetherAndLabelsEven() throws IOException {
        List<ObjectNode> groups = rows(200, i -> row().put("group", "g" + i / 4));
        List<ObjectNode> labelled = multiLabel(new Random(1), 500);

        for (List<String> splits : folds(groups, 5, 0.25)) {
            assertThat(counts(groups, splits, row -> List.of(row.get("group").asString()))
                            .values())
                    .allSatisfy(parts -> assertThat(parts).hasSize(1));
            assertThat(count(splits, "test")).isEqualTo(40);
            assertThat(count(splits, "validation")).isEqualTo(40);
        }
        for (List<String> splits : folds(labelled, 5, 0)) {
            assertThat(count(splits, "test")).isEqualTo(100);
        }
    }

    @Test
    void moreFoldsThanGroupsAreRefused() {
        List<ObjectNode> rows = rows(30, i -> row().put("group", "g" + i % 3));

        assertThatThrownBy(() -> folds(rows, 5, 0))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("too few rows or groups");
    }

    @Test
    void aMethodNeedsItsColumn() {
        for (SplitMethod method : List.of(SplitMethod.GROUP, SplitMethod.TIME)) {
            assertThatThrownBy(() -> split(rows(3, i -> row().put("text", "t")), options(method, 0.1, 0.1, 1)))
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining(
                            "a column with the role '" + method.name().toLowerCase() + "'");
        }
    }

    /** More rows than the sorter holds in memory, so that its files are read, too. */
    @Test
    void promisesHoldForMillionsOfRows() throws IOException {
        int count = 1_200_000;
        Splits groups;
        Splits times;
        try (RowSplitter byGroup = new RowSplitter(directory, options(null, 0.1, 0.1, 1), "split");
                RowSplitter byTime = new RowSplitter(directory, options(SplitMethod.TIME, 0.1, 0.1, 1), "split")) {
            for (int i = 1; i <= count; i++) {
                long second = (i * 7919L) % count;
                ObjectNode content = row().put("group", "g" + i / 7)
                        .put("time", Instant.ofEpochSecond(second).toString());
                Row row = new Row(i, null, i, null, null, content, Map.of());
                byGroup.add(row);
                byTime.add(row);
            }
            groups = byGroup.draw();
            times = byTime.draw();
        }
        int tests = 0;
        for (int i = 1; i <= count; i++) {
            long second = (i * 7919L) % count;
            assertThat(times.of(i))
                    .isEqualTo(second >= 1_080_000 ? "test" : second >= 960_000 ? "validation" : "train");
            if (i % 7 > 0) {
                assertThat(groups.of(i)).isEqualTo(groups.of(i / 7 * 7 == 0 ? 1 : i / 7 * 7));
            }
            tests += groups.of(i).equals("test") ? 1 : 0;
        }
        assertThat(tests).isBetween(119_997, 120_003);
    }
}
