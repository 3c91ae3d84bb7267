package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Splits of a language model of which no row fits within max_length. */
class SplitCheckTest {
    private static final Examples WHOLE = rows(3, Example.Cut.NONE);

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({"0, prompts without their beginning", "2, texts or completions that are cut off"})
    void aValidationSplitIsRefusedWithWhatIsLeftOut(int targets, String what) {
        assertThatThrownBy(() -> check(false).validation(rows(2, new Example.Cut(5, targets)), WHOLE))
                .isInstanceOf(TrainingException.class)
                .hasMessage("None of the 2 validation rows fits within max_length (4), but all training rows do."
                        + " The scores would be those of " + what
                        + ". Use other rows, or raise max_length: the longest of these rows has 9 tokens.");
    }

    @Test
    void aTestSplitIsScored() {
        assertThatCode(() -> check(false).evaluation("test", rows(2, new Example.Cut(5, 0))))
                .doesNotThrowAnyException();
        assertThat(told()).contains("2 of 2 test examples are longer than max_length (4)");
    }

    @Test
    void oneRowIsScored() {
        assertThatCode(() -> check(false).validation(rows(1, new Example.Cut(5, 0)), WHOLE))
                .doesNotThrowAnyException();
        assertThat(told()).contains("1 of 1 validation examples");
    }

    @Test
    void aJobThatHasTrainedStepsResumes() {
        assertThatCode(() -> check(true).validation(rows(2, new Example.Cut(5, 0)), WHOLE))
                .doesNotThrowAnyException();
        assertThat(told()).contains("2 of 2 validation examples");
    }

    private String told() {
        return told.toString(StandardCharsets.UTF_8);
    }

    private SplitCheck check(boolean trained) {
        TrainingTask unused = (TrainingTask) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TrainingTask.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method);
                });
        EventStream events = new EventStream(new PrintStream(told, true, StandardCharsets.UTF_8));
        return new SplitCheck(unused, true, trained, 4, events);
    }

    private static Examples rows(int count, Example.Cut cut) {
        Example row = new Example(new Encoded(new int[] {1, 2, 3, 4}, null), new float[] {1, 2, 3, 4}, cut);
        return new Examples(Collections.nCopies(count, row));
    }
}
