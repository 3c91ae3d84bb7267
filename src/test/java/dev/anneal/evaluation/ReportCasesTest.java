package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.ranking.Ranking;
import dev.anneal.evaluation.ranking.ThresholdFigures;
import dev.anneal.evaluation.regression.RegressionFigures;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.evaluation.regression.Residuals;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.json.Json;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Each figure of the reports equals that of scikit-learn, scipy, numpy or seqeval to 1e-9, and is null if it is not defined. */
class ReportCasesTest {
    @Test
    void classificationFiguresAreThoseOfScikitLearn() {
        List<JsonNode> cases = Cases.read("classification.jsonl.gz");
        for (int i = 0; i < cases.size(); i++) {
            JsonNode wanted = cases.get(i);
            String name = "case " + i;
            ClassificationPredictions predictions = ClassificationPredictions.of(
                    labels(wanted),
                    Json.MAPPER.treeToValue(wanted.path("expected"), int[].class),
                    Scores.of(Cases.scores(wanted.path("scores"))));
            ClassificationReport report =
                    ClassificationReport.of("test", predictions, Truncation.NONE, x -> "t", predictions.tuning());

            Cases.check(name + " accuracy", report.accuracy(), wanted.path("accuracy"));
            Cases.check(name + " f1_macro", report.f1Macro(), wanted.path("f1_macro"));
            Cases.check(
                    name + " matthews",
                    predictions.confusionMatrix().labels().matthewsCorrelation(),
                    wanted.path("matthews_correlation"));
            Cases.checkAverages(name, report.averages(), wanted.path("averages"));
            Cases.checkLabels(name, report.labels(), wanted.path("by_label"));
            Cases.checkRanking(name, report.ranking(), wanted);
            checkCurve(name, predictions, wanted.path("curve"));
            CalibrationReport calibration = report.calibration();
            Cases.check(name + " ece", calibration.uncalibrated().ece(), wanted.path("ece"));
            Cases.check(name + " brier", calibration.uncalibrated().brier(), wanted.path("brier"));
            Cases.check(name + " temperature", calibration.temperature(), wanted.path("temperature"));
            assertThat(report.confusionMatrix())
                    .isDeepEqualTo(Json.MAPPER.treeToValue(wanted.path("confusion"), int[][].class));
            assertThat(Json.write(report)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    /** precision_recall_curve, for the first label. */
    private static void checkCurve(String name, ClassificationPredictions predictions, JsonNode wanted) {
        if (wanted.isNull()) {
            return;
        }
        ThresholdFigures[] found = RankingFigures.ranking(predictions.scores(), predictions::has, 0)
                .all();
        int points = 1
                + (int) IntStream.range(0, found.length - 1)
                        .takeWhile(point -> found[point].recall() < 1)
                        .count();
        for (int point = 0; point < found.length; point++) {
            if (point >= wanted.size()) {
                assertThat(point).as(name).isGreaterThanOrEqualTo(points); // it may stop where all is found
                break;
            }
            Cases.check(
                    name + " threshold",
                    found[point].threshold(),
                    wanted.path(point).path(0));
            Cases.check(
                    name + " precision",
                    found[point].precision(),
                    wanted.path(point).path(1));
            Cases.check(
                    name + " recall", found[point].recall(), wanted.path(point).path(2));
        }
    }

    @Test
    void multiLabelFiguresAreThoseOfScikitLearn() {
        List<JsonNode> cases = Cases.read("multi_label.jsonl.gz");
        for (int i = 0; i < cases.size(); i++) {
            JsonNode wanted = cases.get(i);
            String name = "case " + i;
            int[][] expected = Json.MAPPER.treeToValue(wanted.path("expected"), int[][].class);
            LabelSets sets = new LabelSets(expected.length, labels(wanted).size());
            for (int row = 0; row < expected.length; row++) {
                for (int label = 0; label < expected[row].length; label++) {
                    if (expected[row][label] == 1) {
                        sets.add(row, label);
                    }
                }
            }
            MultiLabelPredictions predictions =
                    new MultiLabelPredictions(labels(wanted), sets, Scores.of(Cases.scores(wanted.path("scores"))));
            MultiLabelReport report =
                    MultiLabelReport.of("test", predictions, Truncation.NONE, x -> "t", predictions.tuning());

            Cases.check(name + " accuracy", report.accuracy(), wanted.path("accuracy"));
            Cases.check(name + " f1_micro", report.f1Micro(), wanted.path("f1_micro"));
            Cases.check(name + " f1_macro", report.f1Macro(), wanted.path("f1_macro"));
            Cases.checkAverages(name, report.averages(), wanted.path("averages"));
            Cases.checkLabels(name, report.labels(), wanted.path("by_label"));
            Cases.checkRanking(name, report.ranking(), wanted);
            Cases.check(name + " ece", report.calibration().uncalibrated().ece(), wanted.path("ece"));
            Cases.check(name + " brier", report.calibration().uncalibrated().brier(), wanted.path("brier"));
            assertThat(Json.write(report)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    @Test
    void regressionFiguresAreThoseOfScikitLearnAndScipy() {
        for (JsonNode wanted : Cases.read("regression.jsonl.gz")) {
            RegressionPredictions predictions = new RegressionPredictions(
                    Json.MAPPER.treeToValue(wanted.path("expected"), double[].class),
                    Json.MAPPER.treeToValue(wanted.path("predicted"), float[].class));
            RegressionFigures figures = predictions.figures();
            RegressionReport report = RegressionReport.of("test", predictions, Truncation.NONE, x -> "t", true);

            Cases.check("mse", report.loss(), wanted.path("mse"));
            Cases.check("rmse", report.rmse(), wanted.path("rmse"));
            Cases.check("mae", report.mae(), wanted.path("mae"));
            Cases.check("r2", figures.r2(), wanted.path("r2"));
            Cases.check("pearson", figures.pearson(), wanted.path("pearson"));
            Cases.check("spearman", figures.spearman(), wanted.path("spearman"));
            Residuals residuals = report.residuals();
            Cases.check("mean", residuals.mean(), wanted.path("mean"));
            Cases.check("deviation", residuals.standardDeviation(), wanted.path("deviation"));
            double[] quantiles = {
                residuals.min(),
                residuals.p5(),
                residuals.p25(),
                residuals.median(),
                residuals.p75(),
                residuals.p95(),
                residuals.max()
            };
            for (int i = 0; i < quantiles.length; i++) {
                Cases.check("quantile", quantiles[i], wanted.path("quantiles").path(i));
            }
            assertThat(Json.write(report)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    /** The strict figures are those of seqeval, the partial ones the greatest credit of any assignment, found by scipy. */
    @Test
    void entityFiguresAreThoseOfSeqevalAndOfTheBestAssignment() {
        for (JsonNode wanted : Cases.read("partial_entities.jsonl.gz")) {
            TokenClassificationPredictions predictions = new TokenClassificationPredictions(
                    List.of(Json.MAPPER.treeToValue(wanted.path("tags"), String[].class)),
                    Json.MAPPER.treeToValue(wanted.path("expected"), int[][].class),
                    Json.MAPPER.treeToValue(wanted.path("predicted"), int[][].class),
                    0);
            TokenClassificationReport report = TokenClassificationReport.of("test", predictions, x -> "t", true);

            assertThat(report.entities()).hasSize(wanted.path("strict").size());
            for (int i = 0; i < report.entities().size(); i++) {
                LabelMetrics type = report.entities().get(i);
                JsonNode strict = wanted.path("strict").path(i);
                assertThat(type.label()).isEqualTo(strict.path(0).asString());
                // seqeval gives 0 for what is not defined
                Cases.check("precision", zero(type.precision()), strict.path(1));
                Cases.check("recall", zero(type.recall()), strict.path(2));
                Cases.check("f1", zero(type.f1()), strict.path(3));
                assertThat(type.support()).isEqualTo(strict.path(4).asInt());
                LabelMetrics partial = report.partial().entities().get(i);
                JsonNode credit = wanted.path("partial_by_type").path(i);
                assertThat(partial.label()).isEqualTo(credit.path(0).asString());
                Cases.check("partial precision", partial.precision(), credit.path(1));
                Cases.check("partial recall", partial.recall(), credit.path(2));
                Cases.check("partial f1", partial.f1(), credit.path(3));
            }
            Cases.check(
                    "partial precision",
                    report.partial().precision(),
                    wanted.path("partial").path(0));
            Cases.check(
                    "partial recall",
                    report.partial().recall(),
                    wanted.path("partial").path(1));
            Cases.check(
                    "partial f1", report.partial().f1(), wanted.path("partial").path(2));
            assertThat(Json.write(report)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    private static double zero(Double figure) {
        return figure == null ? 0 : figure;
    }

    @Test
    void withoutExamplesNoFigureIsANumber() {
        ClassificationReport none = ClassificationReport.of(
                "test",
                ClassificationPredictions.of(List.of("a", "b"), new int[0], Scores.of(new float[0][])),
                Truncation.NONE,
                x -> "t",
                null);
        MultiLabelReport noLabels = MultiLabelReport.of(
                "test",
                new MultiLabelPredictions(List.of("a", "b"), new LabelSets(0, 2), Scores.of(new float[0][])),
                Truncation.NONE,
                x -> "t",
                null);
        RegressionReport noNumbers = RegressionReport.of(
                "test", new RegressionPredictions(new double[0], new float[0]), Truncation.NONE, x -> "t", true);
        TokenClassificationReport noTags = TokenClassificationReport.of(
                "test",
                new TokenClassificationPredictions(List.of("O"), new int[0][], new int[0][], 0),
                x -> "t",
                true);

        assertThat(none.metrics()).isEmpty();
        assertThat(noLabels.metrics()).isEmpty();
        assertThat(noNumbers.metrics()).isEmpty();
        assertThat(noTags.metrics()).containsOnlyKeys("loss");
        for (Report report : List.of(none, noLabels, noNumbers, noTags)) {
            assertThat(Json.write(report)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    @Test
    void aThresholdLiesBetweenTheScoresThatItSeparates() {
        float[] scores = {0.9f, 0.7f, 0.2f, 0.1f};
        boolean[] has = {true, true, false, false};

        ThresholdFigures best = Ranking.of(4, i -> scores[i], i -> has[i]).best();

        assertThat(best.threshold()).isBetween(0.449, 0.451);
        assertThat(best.f1()).isEqualTo(1);
    }

    @Test
    void theWorstMistakesAreTheFirstOfAllInOrder() {
        double[] badness = new java.util.Random(3)
                .doubles(500, -1, 1)
                .map(x -> Math.round(x * 20))
                .toArray();
        List<Integer> sorted = IntStream.range(0, badness.length)
                .filter(i -> badness[i] > 0)
                .boxed()
                .sorted((a, b) -> Double.compare(badness[b], badness[a]))
                .limit(20)
                .toList();

        assertThat(Worst.of(badness.length, i -> badness[i])).isEqualTo(sorted);
        assertThat(Worst.of(0, i -> 1)).isEmpty();
    }

    private static List<String> labels(JsonNode wanted) {
        return IntStream.range(0, wanted.path("labels").asInt())
                .mapToObj(i -> "label " + i)
                .toList();
    }
}
