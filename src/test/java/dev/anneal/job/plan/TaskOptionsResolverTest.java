package dev.anneal.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.spec.TaskOptions;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskOptionsResolverTest {
    @Test
    void calibrationNeedsValidationRows() {
        List<Problem.Error> errors = errors(options(true, null), Task.TEXT_CLASSIFICATION, false);

        assertThat(errors).hasSize(1);
        assertThat(errors.get(0).code()).isEqualTo("no_validation_rows");
        assertThat(errors.get(0).toString()).contains("task_options.calibrate", "name a 'validation_dataset'");
        assertThat(errors(options(true, null), Task.MULTI_LABEL, true)).isEmpty();
        assertThat(errors(options(false, null), Task.TEXT_CLASSIFICATION, false))
                .isEmpty();
    }

    @Test
    void theOptionsOfAReportBelongToTheirTask() {
        assertThat(errors(options(true, null), Task.CAUSAL_LM, true).get(0).code())
                .isEqualTo("not_of_task");
        assertThat(errors(options(null, 5), Task.TEXT_CLASSIFICATION, true)
                        .get(0)
                        .code())
                .isEqualTo("not_of_task");
        assertThat(errors(options(null, 5), Task.CAUSAL_LM, true)).isEmpty();
    }

    @Test
    void withoutAChoiceThereIsNoTemperatureAndThereAreTwentyAnswers() {
        assertThat(TaskOptionsResolver.resolve(TaskOptions.NONE, Task.TEXT_CLASSIFICATION, true, List.of())
                        .calibrate())
                .isFalse();
        assertThat(TaskOptionsResolver.resolve(TaskOptions.NONE, Task.CAUSAL_LM, true, List.of())
                        .generatedAnswers())
                .isEqualTo(20);
    }

    private static List<Problem.Error> errors(TaskOptions asked, Task task, boolean hasValidation) {
        List<Problem.Error> errors = new ArrayList<>();
        TaskOptionsResolver.resolve(asked, task, hasValidation, errors);
        return errors;
    }

    private static TaskOptions options(@Nullable Boolean calibrate, @Nullable Integer answers) {
        return new TaskOptions(null, null, null, null, null, null, calibrate, answers);
    }
}
