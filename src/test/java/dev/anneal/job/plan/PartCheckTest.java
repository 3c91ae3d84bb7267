package dev.anneal.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The needs of a report, which a job must meet. */
class PartCheckTest {
    private static JobRequest request(String fields) {
        return JobRequest.of(Json.MAPPER.readTree("{\"base_model\":\"m\",\"dataset\":\"d\"" + fields + "}"));
    }

    @Test
    void aDataCurveHasAtMostSoManyScores() {
        List<String> labels = Collections.nCopies(10_000, "label");

        assertThatThrownBy(() -> PartCheck.checkReported(request(",\"data_curve\":true"), labels, 60_000))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("60,000 rows for evaluation")
                .hasMessageContaining("Lower 'hyperparameters.evaluation_rows'");
        assertThatCode(() -> {
                    PartCheck.checkReported(request(",\"data_curve\":true"), labels, 9_000);
                    PartCheck.checkReported(request(""), labels, 60_000);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void withoutAReportThereAreNoAnswers() {
        assertThat(refused(",\"task_options\":{\"generated_answers\":5}"))
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo("task_options.generated_answers"));
        assertThat(refused(",\"task_options\":{\"generated_answers\":0}")).isEmpty();
        assertThat(refused("")).isEmpty();
    }

    private static List<Problem.Error> refused(String fields) {
        List<Problem.Error> errors = new ArrayList<>();
        ReportChoices.refuseAll(request(fields), Task.CAUSAL_LM, errors);
        return errors;
    }
}
