package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExitReasonTest {
    @Test
    void aSignalIsNamedWithTheMessageOfThePanicThatCausedIt() {
        assertThat(ExitReason.of(
                        134,
                        List.of(
                                "starting",
                                "thread '<unnamed>' panicked at src/lib.rs:12:5:",
                                "index out of bounds: the len is 3 but the index is 7",
                                "note: run with `RUST_BACKTRACE=1`")))
                .isEqualTo("it was ended by SIGABRT: index out of bounds: the len is 3 but the index is 7");
        assertThat(ExitReason.of(137, List.of())).isEqualTo("it was ended by SIGKILL");
    }

    @Test
    void anExitCodeIsNamedWithTheErrorOfTheJvm() {
        assertThat(ExitReason.of(3, List.of("Terminating due to java.lang.OutOfMemoryError: Java heap space")))
                .isEqualTo("it ended with exit code 3: Terminating due to java.lang.OutOfMemoryError: Java heap space");
    }
}
