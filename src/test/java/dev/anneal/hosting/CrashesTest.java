package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CrashesTest {
    private final AtomicLong clock = new AtomicLong();
    private final Crashes crashes = new Crashes(clock::get);

    @Test
    void aModelStartsAtOnceAfterItsFirstCrashAndWithADelayAfterTheSecond() {
        crash();
        assertThat(crashes.refusal("m", "a")).isEmpty();
        crash();
        assertThat(crashes.refusal("m", "a")).map(Problem::code).contains("model_crashed");
        wait(Duration.ofSeconds(1));
        assertThat(crashes.refusal("m", "a")).isEmpty();
    }

    @Test
    void afterThreeCrashesTheModelIsUnhealthyForItsCallerForTenMinutes() {
        crash();
        crash();
        crash();
        wait(Duration.ofMinutes(9));
        assertThat(crashes.refusal("m", "a")).hasValueSatisfying(problem -> {
            assertThat(problem.code()).isEqualTo("model_unhealthy");
            assertThat(problem.getMessage()).contains("ended 3 times", "It was ended by SIGABRT.");
        });
        assertThat(crashes.refusal("m", "b")).as("another caller").isEmpty();
        assertThat(crashes.refusal("n", "a")).as("another model").isEmpty();
        wait(Duration.ofMinutes(2));
        assertThat(crashes.refusal("m", "a")).isEmpty();
    }

    @Test
    void aModelThatWasDeletedIsForgotten() {
        crash();
        crash();
        crash();
        crashes.forget("m");
        assertThat(crashes.refusal("m", "a")).isEmpty();
    }

    private void crash() {
        crashes.add("m", "a", "It was ended by SIGABRT.");
    }

    private void wait(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
