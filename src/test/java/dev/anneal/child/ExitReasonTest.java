package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitReasonTest {
    @Test
    void aSignalIsNamedAndAnyOtherExitCodeIsGiven() {
        assertThat(ExitReason.of(134)).isEqualTo("It was ended by SIGABRT.");
        assertThat(ExitReason.of(137)).isEqualTo("It was ended by SIGKILL.");
        assertThat(ExitReason.of(3)).isEqualTo("It ended with exit code 3.");
    }
}
