package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.noise.LabelNoise;
import dev.anneal.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static final List<String> NAMES = List.of("positive", "negative", "neutral");

    /** Returns the name that the dataset has for a label that is suggested for a row. */
    private static String suggested(Labels labels, int number) {
        return labels.suspect(
                        new LabelNoise.Suspect(0, 1, number, -0.5, 0.1, true),
                        new Findings.Place(1, null, null),
                        Labels.nameIn(Json.MAPPER.readTree("{\"label\":\"bad\"}")))
                .suggestedLabel();
    }

    @Test
    void aLabelIsSuggestedByItsNameInTheDataset() {
        Labels labels = new Labels(NAMES, Map.of("good", "positive", "bad", "negative"));

        assertThat(suggested(labels, 0)).isEqualTo("good");
        assertThat(suggested(labels, 2)).isEqualTo("neutral");
    }

    @Test
    void aLabelWithSeveralNamesInTheDatasetIsNotSuggested() {
        Labels labels = new Labels(NAMES, Map.of("good", "positive", "great", "positive", "bad", "negative"));

        assertThat(suggested(labels, 0)).isNull();
        assertThat(suggested(labels, 1)).isEqualTo("bad");
    }

    @Test
    void aLabelWhoseNameMeansAnotherOneInTheDatasetIsNotSuggested() {
        Labels labels = new Labels(NAMES, Map.of("neutral", "positive"));

        assertThat(suggested(labels, 0)).isEqualTo("neutral");
        assertThat(suggested(labels, 2)).isNull();
    }
}
