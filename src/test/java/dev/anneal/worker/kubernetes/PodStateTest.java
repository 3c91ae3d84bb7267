package dev.anneal.worker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.worker.executor.TrainerLostException;
import dev.anneal.worker.executor.TrainerLostException.Loss;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodStateTest {
    @ParameterizedTest
    @CsvSource({
        "Evicted, 'The node was low on resource: memory. Container trainer was using 5Gi, request is 4Gi. ', MEMORY",
        "Evicted, 'The node was low on resource: ephemeral-storage. ', KILL",
        "Evicted, 'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ', RETRY",
        "Evicted, 'Container trainer exceeded its local ephemeral storage limit \"1Gi\". ', RETRY",
        "Evicted, 'Usage of EmptyDir volume \"work\" exceeds the limit \"1Gi\". ', RETRY",
        "Evicted, , KILL",
        "UnexpectedAdmissionError, 'Allocate failed due to no healthy devices present', RETRY",
        "NodeAffinity, 'Pod was rejected: Predicate NodeAffinity failed', RETRY",
        "OutOfcpu, 'Node did not have enough resource: cpu', RETRY",
        "NodeShutdown, 'Pod was rejected as the node is shutting down.', KILL",
        ", , KILL"
    })
    void theReasonOfALostPodDecidesHowItsAttemptCounts(@Nullable String reason, @Nullable String message, Loss loss) {
        TrainerLostException lost =
                catchThrowableOfType(TrainerLostException.class, () -> PodState.of(failed(reason, message)));

        assertThat(lost.loss()).isEqualTo(loss);
        assertThat(lost.reason())
                .contains(message == null ? "" : message.strip())
                .endsWith(".");
        assertThat(lost.reason()).doesNotContain("null");
    }

    @Test
    void aPodThatFailedWithoutAReasonIsReportedInASentence() {
        TrainerLostException lost =
                catchThrowableOfType(TrainerLostException.class, () -> PodState.of(failed(null, null)));

        assertThat(lost).hasMessage("The trainer's pod failed.");
    }

    private static Pod failed(@Nullable String reason, @Nullable String message) {
        return new PodBuilder()
                .withNewStatus()
                .withPhase("Failed")
                .withReason(reason)
                .withMessage(message)
                .endStatus()
                .build();
    }
}
