package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.entity.Entities;
import dev.anneal.evaluation.entity.Entities.Entity;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenClassificationReportTest {
    private static final List<String> TAGS = List.of("O", "B-MISC", "I-MISC", "B-PER", "I-PER");
    /** The example in seqeval's README: MISC begins a word too early, PER is right. */
    private static final TokenClassificationPredictions PREDICTIONS = new TokenClassificationPredictions(
            TAGS, new int[][] {{0, 0, 0, 1, 2, 2, 0}, {3, 4, 0}}, new int[][] {{0, 0, 1, 2, 2, 2, 0}, {3, 4, 0}}, 0.25);

    @Test
    void metricsAreThoseThatSeqevalDocuments() {
        TokenClassificationReport report = TokenClassificationReport.of("test", PREDICTIONS, i -> "text " + i);

        assertThat(report.f1()).isEqualTo(0.5);
        assertThat(report.accuracy()).isEqualTo(0.8);
        assertThat(report.loss()).isEqualTo(0.25);
        assertThat(report.entities())
                .containsExactly(new LabelMetrics("MISC", 0.0, 0.0, 0.0, 1), new LabelMetrics("PER", 1.0, 1.0, 1.0, 1));
        assertThat(report.worstMistakes())
                .containsExactly(new TokenClassificationReport.Mistake(
                        "text 0", List.of(new Entity("MISC", 3, 6)), List.of(new Entity("MISC", 2, 6))));
    }

    /** Written by bench/reference/entities.py: a part well-formed, a part not, and predictions with errors in both. */
    @Test
    void twoHundredRandomSequencesReadAsSeqevalReadsThem() throws IOException {
        JsonNode seqeval;
        try (InputStream file = getClass().getResourceAsStream("/evaluation/entities.json")) {
            seqeval = Json.MAPPER.readTree(file);
        }
        TokenClassificationPredictions predictions = new TokenClassificationPredictions(
                List.of(Json.MAPPER.treeToValue(seqeval.path("tags"), String[].class)),
                Json.MAPPER.treeToValue(seqeval.path("expected"), int[][].class),
                Json.MAPPER.treeToValue(seqeval.path("predicted"), int[][].class),
                0);

        assertThat(predictions.expected()).hasNumberOfRows(100);
        for (int i = 0; i < 100; i++) {
            assertThat(Entities.of(predictions.expected(i)))
                    .isEqualTo(entities(seqeval.path("expected_entities").path(i)));
            assertThat(Entities.of(predictions.predicted(i)))
                    .isEqualTo(entities(seqeval.path("predicted_entities").path(i)));
        }
        TokenClassificationReport report = TokenClassificationReport.of("test", predictions, i -> "text " + i);
        for (String metric : List.of("precision", "recall", "f1", "accuracy")) {
            assertThat(report.metrics().get(metric))
                    .as(metric)
                    .isCloseTo(seqeval.path(metric).asDouble(), within(1e-12));
        }
        assertThat(report.entities()).hasSize(seqeval.path("by_type").size());
        for (int i = 0; i < report.entities().size(); i++) {
            LabelMetrics type = report.entities().get(i);
            JsonNode wanted = seqeval.path("by_type").path(i);
            assertThat(type.label()).isEqualTo(wanted.path("label").asString());
            assertThat(type.support()).isEqualTo(wanted.path("support").asInt());
            assertThat(type.precision()).isCloseTo(wanted.path("precision").asDouble(), within(1e-12));
            assertThat(type.recall()).isCloseTo(wanted.path("recall").asDouble(), within(1e-12));
            assertThat(type.f1()).isCloseTo(wanted.path("f1").asDouble(), within(1e-12));
        }
        assertThat(report.worstMistakes()).hasSize(20);
    }

    private static List<Entity> entities(JsonNode sentence) {
        List<Entity> entities = new ArrayList<>();
        for (JsonNode entity : sentence) {
            entities.add(new Entity(
                    entity.path(0).asString(),
                    entity.path(1).asInt(),
                    entity.path(2).asInt()));
        }
        return entities;
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        TokenClassificationReport report = TokenClassificationReport.of("test", PREDICTIONS, i -> "t");

        assertThat(report.metrics().keySet()).containsExactly("loss", "f1", "precision", "recall", "accuracy");
        assertThat(Json.write(report))
                .startsWith("{\"task\":\"token-classification\",\"split\":\"test\",\"examples\":2,\"loss\":0.25,")
                .contains("\"entities\":[{\"label\":\"MISC\"", "{\"type\":\"MISC\",\"from\":3,\"to\":6}")
                .doesNotContain("\"metrics\"");
    }
}
