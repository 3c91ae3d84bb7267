package dev.anneal.job.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.web.Problem;
import org.junit.jupiter.api.Test;

class PredictionFilterTest {
    private static final JobSpec SPEC = Json.read("""
            {"task":"text-classification","labels":["negative","positive"],
             "evaluation":{"split":null,"rows":9,"is_labelled":true,"label_map":{"good":"positive"}}}""", JobSpec.class);

    @Test
    void aLabelMayBeNamedAsInTheDataset() {
        assertThat(PredictionFilter.of(SPEC, null, "good", "good"))
                .isEqualTo(PredictionFilter.of(SPEC, null, "positive", "positive"));
    }

    @Test
    void anUnknownLabelIsRefusedWithTheLabelsThatExist() {
        assertThatThrownBy(() -> PredictionFilter.of(SPEC, null, null, "Positiv"))
                .isInstanceOf(Problem.class)
                .hasMessageContaining(
                        "The model has no label 'Positiv'. Did you mean 'positive'? Its labels: negative, positive.");
    }
}
