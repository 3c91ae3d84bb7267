package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.count.Averages;
import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Random predictions and what other libraries compute of them, written by bench/reference/metrics.py. */
public final class Cases {
    /** Scores are whole numbers of this part of 1. */
    private static final float UNIT = 1 / 4096f;

    private Cases() {}

    /** Returns the cases of a file, at least 200. */
    public static List<JsonNode> read(String name) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Objects.requireNonNull(Cases.class.getResourceAsStream("/evaluation/" + name))),
                StandardCharsets.UTF_8))) {
            List<JsonNode> cases = lines.lines().map(Json.MAPPER::readTree).toList();
            assertThat(cases).hasSizeGreaterThanOrEqualTo(200);
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Checks a figure to 1e-9, or that it is null if the other library has none. */
    public static void check(String name, @Nullable Double figure, JsonNode wanted) {
        assertThat(wanted.isMissingNode()).as(name).isFalse();
        if (wanted.isNull()) {
            assertThat(figure).as(name).isNull();
        } else {
            assertThat(figure).as(name).isNotNull().isCloseTo(wanted.asDouble(), within(1e-9));
        }
    }

    static float[][] scores(JsonNode units) {
        float[][] scores = Json.MAPPER.treeToValue(units, float[][].class);
        for (float[] row : scores) {
            for (int i = 0; i < row.length; i++) {
                row[i] *= UNIT;
            }
        }
        return scores;
    }

    static void checkAverages(String name, Averages averages, JsonNode wanted) {
        check(name, averages.macro(), wanted.path("macro"));
        check(name, averages.micro(), wanted.path("micro"));
        check(name, averages.weighted(), wanted.path("weighted"));
    }

    private static void check(String name, Averages.Average average, JsonNode wanted) {
        check(name + " precision", average.precision(), wanted.path(0));
        check(name + " recall", average.recall(), wanted.path(1));
        check(name + " f1", average.f1(), wanted.path(2));
    }

    static void checkLabels(String name, List<LabelMetrics> labels, JsonNode wanted) {
        assertThat(labels).hasSize(wanted.size());
        for (int i = 0; i < labels.size(); i++) {
            LabelMetrics label = labels.get(i);
            check(name + " precision", label.precision(), wanted.path(i).path(0));
            check(name + " recall", label.recall(), wanted.path(i).path(1));
            check(name + " f1", label.f1(), wanted.path(i).path(2));
            assertThat(label.support()).isEqualTo(wanted.path(i).path(3).asInt());
        }
    }

    static void checkRanking(String name, RankingFigures ranking, JsonNode wanted) {
        check(name + " roc_auc", ranking.rocAuc(), wanted.path("roc_auc_macro"));
        check(name + " average_precision", ranking.averagePrecision(), wanted.path("average_precision_macro"));
        for (int i = 0; i < ranking.labels().size(); i++) {
            RankingFigures.OfLabel label = ranking.labels().get(i);
            check(name + " roc_auc", label.rocAuc(), wanted.path("roc_auc").path(i));
            check(
                    name + " average_precision",
                    label.averagePrecision(),
                    wanted.path("average_precision").path(i));
            check(
                    name + " best f1",
                    label.tuned() == null ? null : label.tuned().f1(),
                    wanted.path("best_f1").path(i));
        }
    }
}
