package dev.anneal.training.finding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.training.process.StopRequest;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptionalPartTest {
    private final List<String> leftOut = new ArrayList<>();

    static List<Arguments> faults() {
        return List.of(
                Arguments.of(new IOException("No space left on device"), "There is no table: No space left on device."),
                Arguments.of(new UncheckedIOException(new IOException("No.")), "There is no table: No."),
                Arguments.of(new ModelException("The model is empty."), "There is no table: The model is empty."),
                Arguments.of(
                        new IllegalStateException("at Foo.java:3"),
                        "There is no table: Internal error. See the server log."),
                Arguments.of(
                        new OutOfMemoryError("Java heap space"),
                        "There is no table: The memory of the trainer is too small. Raise anneal.trainer.heap."));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultLeavesThePartOutAndSaysWhy(Throwable fault, String sentence) {
        assertThat(compute(fault)).isNull();
        assertThat(leftOut).containsExactly(sentence);
    }

    @Test
    void aStopEndsTheWork() {
        assertThatThrownBy(() -> compute(new StopRequest.Stopped())).isInstanceOf(StopRequest.Stopped.class);
        assertThat(leftOut).isEmpty();
    }

    private Object compute(Throwable fault) {
        return OptionalPart.orNull(
                "There is no table",
                () -> {
                    if (fault instanceof IOException failure) {
                        throw failure;
                    }
                    if (fault instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) fault;
                },
                leftOut::add);
    }

    @Test
    void aPartThatIsComputedIsReturned() {
        assertThat(OptionalPart.orNull("There is no table", () -> "a table", leftOut::add))
                .isEqualTo("a table");
        assertThat(leftOut).isEmpty();
    }
}
