package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.worker.TrainerFailure.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of the ways in which a trainer ends. */
class TrainerFailureTest {
    private static final String LOWER = "Lower batch_size.";

    @Test
    void aKillIsMemoryUnlessTheKernelKilledNothing() {
        TrainerFailure kernel = TrainerFailure.of(137, List.of("step 3"), true, LOWER);
        assertThat(kernel.kind()).isEqualTo(Kind.MEMORY);
        assertThat(kernel.error().code()).isEqualTo("trainer_killed");
        assertThat(kernel.error().message()).contains("memory runs out", LOWER, "step 3");

        TrainerFailure somebody = TrainerFailure.of(137, List.of(), false, LOWER);
        assertThat(somebody.kind()).isEqualTo(Kind.RETRY);
        assertThat(somebody.error().code()).isEqualTo("trainer_killed");
        assertThat(somebody.error().message()).doesNotContain(LOWER);
    }

    @Test
    void aHeapThatIsFullIsMemoryAndSaysWhatToLower() {
        TrainerFailure failure = TrainerFailure.of(
                1, List.of("out of memory: Java heap space; use a smaller batch_size or max_length"), true, LOWER);

        assertThat(failure.kind()).isEqualTo(Kind.MEMORY);
        assertThat(failure.error().code()).isEqualTo("out_of_memory");
        assertThat(failure.error().message()).contains(LOWER);
    }

    @Test
    void whatTheTrainerHasWordsForIsFinalAndAStackTraceIsNot() {
        assertThat(TrainerFailure.of(1, List.of("training diverged: use a lower learning_rate"), true, LOWER)
                        .kind())
                .isEqualTo(Kind.FINAL);
        assertThat(TrainerFailure.of(1, List.of("java.io.IOException: x", "\tat a.B.c(B.java:1)", "x"), true, LOWER)
                        .kind())
                .isEqualTo(Kind.RETRY);
        assertThat(TrainerFailure.of(134, List.of(), true, LOWER).kind()).isEqualTo(Kind.RETRY);
        assertThat(TrainerFailure.of(0, List.of(), true, LOWER).kind()).isEqualTo(Kind.RETRY);
    }
}
