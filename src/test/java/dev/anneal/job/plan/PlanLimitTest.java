package dev.anneal.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PlanLimitTest {
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void endAll() {
        end.countDown();
    }

    @Test
    void aProjectWithManyPlansIsRefusedAndOthersAreNot() throws Exception {
        PlanLimit limit = new PlanLimit(Duration.ofMillis(50));
        fill(limit, "busy");

        assertThatThrownBy(() -> limit.within("busy", () -> "plan")).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo("too_busy");
            assertThat(problem.status().value()).isEqualTo(429);
        });
        assertThat(limit.within("other", () -> "plan")).isEqualTo("plan");
    }

    @Test
    void aPlanThatWaitsBeginsWhenAnotherEnds() throws Exception {
        PlanLimit limit = new PlanLimit(Duration.ofSeconds(10));
        fill(limit, "busy");

        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> limit.within("busy", () -> "plan"));
        end.countDown();

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("plan");
    }

    @Test
    void aPlanThatFailsGivesItsPlaceBack() {
        PlanLimit limit = new PlanLimit(Duration.ofMillis(50));
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> limit.within("p", () -> {
                        throw new IllegalStateException("fault");
                    }))
                    .hasMessage("fault");
        }
        assertThat(limit.within("p", () -> "plan")).isEqualTo("plan");
    }

    private void fill(PlanLimit limit, String project) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            new Thread(() -> limit.within(project, () -> {
                        begun.countDown();
                        try {
                            return end.await(20, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            return false;
                        }
                    }))
                    .start();
        }
        begun.await();
    }
}
