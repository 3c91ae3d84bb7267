package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreferHeaderTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            | 10
            return=minimal | 10
            respond-async | 0
            Respond-Async, return=minimal | 0
            wait=3 | 3
            respond-async, wait = "7" | 7
            foo; wait=2 | 2
            wait=99999 | 300
            wait=soon | 10
            no-respond-async | 10
            """)
    void aRequestSaysHowLongItWaits(@Nullable String header, int seconds) {
        assertThat(PreferHeader.wait(header, Duration.ofSeconds(10))).hasSeconds(seconds);
    }
}
