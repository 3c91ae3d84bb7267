package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.Set;
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
        wait(Duration.ofMillis(100));
        assertThat(crashes.refusal("m", "a")).hasValueSatisfying(problem -> {
            assertThat(problem.code()).isEqualTo("model_crashed");
            assertThat(problem.getMessage())
                    .endsWith("It was ended by SIGABRT. It can be started again for this project in 1 s.");
            assertThat(problem.retrySeconds()).isEqualTo(1);
        });
        wait(Duration.ofMillis(900));
        assertThat(crashes.refusal("m", "a")).isEmpty();
    }

    @Test
    void aModelThatCrashedTwiceWhileItWasLoadedStartsForAllCallersWithADelay() {
        for (int i = 0; i < 2; i++) {
            crashes.add("m", Set.of(Crashes.ALL), "It was ended by SIGABRT.");
        }
        assertThat(crashes.refusal("m", "b"))
                .hasValueSatisfying(problem -> assertThat(problem.getMessage())
                        .endsWith("It was ended by SIGABRT. It can be started again in 1 s."));
        wait(Duration.ofSeconds(1));
        assertThat(crashes.refusal("m", "b")).isEmpty();
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
    void aCrashWithComputedCallsOfSeveralCallersCountsForNoneAndSeparatesThemForTenMinutes() {
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            crashes.add("m", Set.of("a", "b"), "It was ended by SIGABRT.");
        }
        assertThat(crashes.refusal("m", "a")).isEmpty();
        assertThat(crashes.refusal("m", "b")).isEmpty();
        assertThat(crashes.isSeparate("m")).isTrue();
        assertThat(crashes.isSeparate("n")).isFalse();
        wait(Duration.ofMinutes(11));
        assertThat(crashes.isSeparate("m")).isFalse();
    }

    /** Else a caller could take the model from all others with texts that end the process while it loads. */
    @Test
    void aCrashWithAComputedCallWhileTheModelIsLoadedCountsForNobody() {
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            crashes.add("m", Set.of("a", Crashes.ALL), "It was ended by SIGABRT.");
        }
        assertThat(crashes.refusal("m", "b")).isEmpty();
        assertThat(crashes.isSeparate("m")).isTrue();
    }

    @Test
    void aCrashWhileNothingIsComputedCountsForNobody() {
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            crashes.add("m", Set.of(), "It was ended by SIGKILL.");
        }
        assertThat(crashes.refusal("m", "a")).isEmpty();
        assertThat(crashes.isSeparate("m")).isFalse();
    }

    @Test
    void aCrashWhileTheModelIsLoadedCountsForAllCallers() {
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            crashes.add("m", Set.of(Crashes.ALL), "It was ended by SIGABRT.");
        }
        assertThat(crashes.refusal("m", "a")).hasValueSatisfying(problem -> {
            assertThat(problem.code()).isEqualTo("model_unhealthy");
            assertThat(problem.getMessage()).contains("does not serve any project");
        });
        assertThat(crashes.refusal("m", "b")).map(Problem::code).contains("model_unhealthy");
    }

    @Test
    void theHealthOfAModelSaysSinceWhenAndUntilWhenAndWhatToDo() {
        crash();
        crash();
        assertThat(crashes.health("m", "a")).as("it starts again").isEmpty();
        crash();

        assertThat(crashes.health("m", "a")).hasValueSatisfying(health -> {
            assertThat(health.state()).isEqualTo("unhealthy");
            assertThat(health.until())
                    .isBetween(health.since().plusSeconds(500), health.since().plusSeconds(600));
            assertThat(health.reason()).contains("calls of this project", "It was ended by SIGABRT.");
            assertThat(health.action()).contains("This project cannot call");
        });
        assertThat(crashes.health("m", "b")).isEmpty();
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            crashes.add("n", Set.of(Crashes.ALL), "It was ended by SIGKILL.");
        }
        assertThat(crashes.health("n", "b"))
                .hasValueSatisfying(health -> assertThat(health.action()).contains("No project can call"));
        wait(Duration.ofMinutes(11));
        assertThat(crashes.health("m", "a")).isEmpty();
        assertThat(crashes.health("n", "b")).isEmpty();
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
        crashes.add("m", Set.of("a"), "It was ended by SIGABRT.");
    }

    private void wait(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
