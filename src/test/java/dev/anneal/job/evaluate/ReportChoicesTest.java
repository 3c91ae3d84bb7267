package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.id;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.text.Csv;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The choices of a request for its report, on HateCheck, whose rows name the group that they are about. The models have random weights. */
@ServerTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportChoicesTest {
    private static final Path HATECHECK = Path.of("../shared/data/hatecheck/test_suite_cases.csv");
    private static final List<String> LABELS = List.of("hateful", "non-hateful");
    private static final String TERMS = "\"terms\":{\"target\":{\"women\":[\"women\"],\"muslims\":[\"muslims\"]}}";

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    private String dataset;
    private EvaluationApi first;
    private EvaluationApi second;
    private JsonNode evaluated;
    private List<JsonNode> rows;

    @BeforeAll
    void evaluate() throws IOException {
        assumeTrue(Files.exists(HATECHECK), () -> "Skipped: " + HATECHECK + " is not here.");
        dataset = upload("target_ident");
        first = model("first", "hateful", "non-hateful");
        second = model("second", "non-hateful", "hateful"); // the same weights, so it predicts the other label
        evaluated = first.evaluate(
                "\"split\":\"all\",\"slice_by\":[\"target_ident\",\"split\",\"direction\"]," + TERMS, dataset);
        rows = first.rows(evaluated, 1_000, "");
    }

    private EvaluationApi model(String name, String... labels) throws IOException {
        Path files = TestModels.tiny(TestServer.newDirectory().resolve(name), labels);
        return new EvaluationApi(api, models.add(name, "default", files).getId());
    }

    /** Uploads all cases with one of their columns as the group, and two that are kept. A third of them are test rows, so that all groups are in each split. */
    private String upload(String group) throws IOException {
        StringBuilder lines = new StringBuilder();
        try (Reader in = Files.newBufferedReader(HATECHECK);
                var cases = CSVFormat.DEFAULT
                        .builder()
                        .setHeader()
                        .setAllowMissingColumnNames(true)
                        .get()
                        .parse(in)) {
            for (CSVRecord each : cases) {
                lines.append(Json.write(Map.of(
                                "direction",
                                each.get("direction"),
                                "functionality",
                                each.get("functionality"),
                                "text",
                                each.get("test_case"),
                                "label",
                                each.get("label_gold"),
                                group,
                                each.get(group).isBlank() ? "none" : each.get(group),
                                "split",
                                each.getRecordNumber() % 3 == 0 ? "test" : "train")))
                        .append('\n');
            }
        }
        Answer answer = api.upload(
                group + ".jsonl",
                lines.toString().getBytes(UTF_8),
                Map.of("columns", "{\"group\":\"" + group + "\",\"kept\":[\"functionality\",\"direction\"]}"));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.text("id");
    }

    @Test
    void theGapsOfEachColumnEqualThoseOfTheRowPredictions() {
        JsonNode slices = first.report(evaluated).path("findings").path("slices");

        assertThat(slices.valueStream().map(slice -> slice.path("column").asString()))
                .containsExactly("target_ident", "split", "direction", "words");
        checkGaps(slices.get(0), row -> row.path("group").asString());
        checkGaps(slices.get(1), row -> row.path("split").asString());
        checkGaps(slices.get(2), row -> row.path("kept").path("direction").asString());
        assertThat(slices.get(0).path("values")).hasSize(8); // seven groups, and the cases about none
    }

    @Test
    void theCsvHasTheGroupAndTheColumnsThatAreKept() throws IOException {
        List<CSVRecord> records = EvaluationApi.csv(
                api.get("/api/v1/evaluations/" + evaluated.path("id").asString() + "/predictions.csv"));

        assertThat(records).hasSameSizeAs(rows);
        for (int i = 0; i < records.size(); i++) {
            JsonNode row = rows.get(i);
            assertThat(records.get(i).get("group")).isEqualTo(row.path("group").asString());
            for (String column : List.of("functionality", "direction")) {
                assertThat(records.get(i).get("kept_" + column))
                        .isEqualTo(Csv.text(row.path("kept").path(column).asString("")));
            }
        }
    }

    /** Checks the slices of a column. Rows without a value are in no slice, but among the others of each. */
    private void checkGaps(JsonNode slices, Function<JsonNode, String> column) {
        Set<String> values = new TreeSet<>();
        rows.forEach(row -> values.add(column.apply(row)));
        values.remove("");
        assertThat(slices.path("values")
                        .valueStream()
                        .map(slice -> slice.path("value").asString()))
                .containsExactlyInAnyOrderElementsOf(values);
        for (JsonNode slice : slices.path("values")) {
            String value = slice.path("value").asString();
            Predicate<JsonNode> isIn = row -> column.apply(row).equals(value);
            List<JsonNode> in = rows.stream().filter(isIn).toList();
            List<JsonNode> others = rows.stream().filter(isIn.negate()).toList();
            assertThat(slice.path("examples").asInt()).isEqualTo(in.size());
            checkGap(slice, "accuracy", accuracy(in), accuracy(others));
            checkGap(slice, "f1_macro", macroF1(in), macroF1(others));
        }
    }

    private void checkGap(JsonNode slice, String metric, double in, double others) {
        JsonNode figure = slice.path("metrics").path(metric);
        assertThat(figure.path("value").asDouble()).isCloseTo(in, within(1e-9));
        assertThat(figure.path("gap").asDouble()).isCloseTo(in - others, within(1e-9));
        JsonNode interval = figure.path("gap_interval");
        int examples = slice.path("examples").asInt();
        if (!interval.isObject()) { // one side has too few rows
            assertThat(Math.min(examples, rows.size() - examples)).isLessThan(20);
            return;
        }
        assertThat(figure.path("gap").asDouble())
                .isBetween(
                        interval.path("low").asDouble(), interval.path("high").asDouble());
    }

    private static double accuracy(List<JsonNode> of) {
        return of.stream().filter(row -> row.path("right").asBoolean()).count() / (double) of.size();
    }

    /** The mean F1 of the labels that occur among the expected or predicted ones, as in scikit-learn. */
    private static double macroF1(List<JsonNode> of) {
        double sum = 0;
        int occurring = 0;
        for (String label : LABELS) {
            long right = 0;
            long all = 0;
            for (JsonNode row : of) {
                boolean isExpected = row.path("label").asString().equals(label);
                boolean isPredicted = row.path("predicted_label").asString().equals(label);
                right += isExpected && isPredicted ? 1 : 0;
                all += (isExpected ? 1 : 0) + (isPredicted ? 1 : 0);
            }
            sum += all == 0 ? 0 : 2.0 * right / all;
            occurring += all == 0 ? 0 : 1;
        }
        return sum / occurring;
    }

    @Test
    void theTermsOfARequestAreExchangedInTheTextsThatHaveThem() {
        JsonNode found = first.report(evaluated).path("findings").path("counterfactuals");
        Pattern term = Pattern.compile("(?i)(?<!\\w)(women|muslims)(?!\\w)");

        assertThat(found.path("texts").asLong())
                .isEqualTo(rows.stream()
                        .filter(row -> term.matcher(row.path("text").asString()).find())
                        .count());
        assertThat(found.path("exchanges")
                        .valueStream()
                        .map(exchange -> exchange.path("dimension").asString() + " "
                                + exchange.path("from").asString() + " "
                                + exchange.path("to").asString()))
                .containsExactlyInAnyOrder("target women muslims", "target muslims women");
        assertThat(evaluated.path("terms").toString()).isEqualTo(TERMS.substring(TERMS.indexOf(':') + 1));
    }

    @Test
    void twoModelsAreComparedOnTheSameRows() {
        JsonNode compared = second.evaluate("\"split\":\"all\",\"compare_to\":\"" + id(evaluated) + "\"", dataset);
        JsonNode comparison = second.report(compared).path("comparison");
        int ours = 0;
        int theirs = 0;
        for (JsonNode row : rows) { // of two labels, the other model always predicts the other one
            theirs += row.path("right").asBoolean() ? 1 : 0;
            ours += row.path("right").asBoolean() ? 0 : 1;
        }

        assertThat(comparison.path("evaluation").asString()).isEqualTo(id(evaluated));
        assertThat(compared.path("compare_to").asString()).isEqualTo(id(evaluated));
        JsonNode accuracy = comparison.path("metrics").path("accuracy");
        assertThat(accuracy.path("difference").asDouble())
                .isCloseTo((ours - theirs) / (double) rows.size(), within(1e-9));
        assertThat(accuracy.path("difference").asDouble())
                .isBetween(
                        accuracy.path("interval").path("low").asDouble(),
                        accuracy.path("interval").path("high").asDouble());
        JsonNode right = comparison.path("right_rows");
        assertThat(right.path("only_first").asInt()).isEqualTo(ours);
        assertThat(right.path("only_second").asInt()).isEqualTo(theirs);
        assertThat(right.path("p_value").asDouble()).isCloseTo(binomial(ours, theirs), within(1e-12));
    }

    /** Returns the exact probability of a difference as large as this one if each of the rows is as likely on one side as on the other. */
    private static double binomial(int one, int other) {
        int all = one + other;
        BigInteger ways = BigInteger.ZERO;
        BigInteger term = BigInteger.ONE;
        for (int i = 0; i <= Math.min(one, other); i++) {
            ways = ways.add(term);
            term = term.multiply(BigInteger.valueOf(all - i)).divide(BigInteger.valueOf(i + 1));
        }
        double p = new BigDecimal(ways.shiftLeft(1))
                .divide(new BigDecimal(BigInteger.TWO.pow(all)), MathContext.DECIMAL64)
                .doubleValue();
        return Math.min(1, p);
    }

    @Test
    void anEvaluationOfHeldOutRowsHasBaselinesOfTheTrainingRows() {
        JsonNode evaluation = first.evaluate("", dataset);
        JsonNode findings = first.report(evaluation).path("findings");
        List<JsonNode> test = rows.stream()
                .filter(row -> row.path("split").asString().equals("test"))
                .toList();
        Map<String, Integer> counts = new HashMap<>();
        rows.stream()
                .filter(row -> row.path("split").asString().equals("train"))
                .forEach(row -> counts.merge(row.path("label").asString(), 1, Integer::sum));
        String majority = counts.get("hateful") > counts.get("non-hateful") ? "hateful" : "non-hateful";
        double share = test.stream()
                        .filter(row -> row.path("label").asString().equals(majority))
                        .count()
                / (double) test.size();

        JsonNode simple = findings.path("baselines").get(0);
        assertThat(simple.path("name").asString()).isEqualTo("majority");
        assertThat(simple.path("metrics").path("accuracy").asDouble()).isCloseTo(share, within(1e-9));
        assertThat(simple.path("gains").path("accuracy").path("gain").asDouble())
                .isCloseTo(accuracy(test) - share, within(1e-9));
        JsonNode linear = findings.path("baselines").get(1);
        assertThat(linear.path("rows").asInt()).isEqualTo(rows.size() - test.size());
        assertThat(linear.path("metrics").path("accuracy").asDouble()).isGreaterThan(share);
        assertThat(findings.path("likely_mislabelled")
                        .valueStream()
                        .map(found -> found.path("split").asString() + " "
                                + found.path("dataset").asString()))
                .containsExactly("test " + dataset, "train " + dataset);
        assertThat(first.report(evaluated).path("findings").path("baselines")).isEmpty();
        assertThat(findings.path("slices")
                        .valueStream()
                        .map(slice -> slice.path("column").asString()
                                + slice.path("values").size())
                        .toList())
                .startsWith("group8", "direction3", "functionality29");
    }

    @Test
    void whatAReportCannotHaveIsRefusedByName() throws IOException {
        refused(
                "\"slice_by\":[\"gender\"]",
                "unknown_column",
                "no column 'gender'",
                "by 'target_ident', 'functionality, direction', the column 'split'");
        refused("\"slice_by\":[\"file\"]", "unknown_column", "no column 'file'");
        String cases = upload("case_id");
        Answer many = first.create("\"slice_by\":[\"case_id\"]", cases);
        assertThat(many.code()).isEqualTo("too_many_values");
        assertThat(many.detail()).contains("'case_id'", "more than 100 values");
        refused("\"terms\":{\"age\":{\"young\":[\"young\"]}}", "invalid_terms", "'age' must have 2 to 50 groups");
        refused(
                "\"terms\":{\"age\":{\"young\":[\"young\",\"teen\"],\"old\":[\"old\"]}}",
                "invalid_terms",
                "'age.old' has 1 term, but the first group of 'age' has 2");
        refused("\"compare_to\":\"eval_none\"", "unknown_evaluation", "'eval_none'");
        refused("\"compare_to\":\"" + id(evaluated) + "\"", "other_rows", "all rows", "test rows");
        EvaluationApi others = model("others", "hateful", "neutral", "non-hateful");
        assertThat(others.create("\"split\":\"all\",\"compare_to\":\"" + id(evaluated) + "\"", dataset)
                        .code())
                .isEqualTo("other_labels");

        Answer job = job("\"slice_by\":[\"gender\"]");
        assertThat(job.code()).isEqualTo("unknown_column");
        assertThat(job("\"terms\":{\"age\":{\"young\":[\"young\"]}}").code()).isEqualTo("invalid_terms");
        assertThat(job("\"compare_to\":\"eval_none\"").code()).isEqualTo("unknown_field");
    }

    private void refused(String fields, String code, String... message) {
        Answer answer = first.create(fields, dataset);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.detail()).contains(message);
    }

    private Answer job(String field) {
        return api.post(
                "/api/v1/jobs",
                "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",%s}".formatted(dataset, field));
    }
}
