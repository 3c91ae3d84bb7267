package dev.anneal.dataset.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedThreadsTest {
    private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private SharedThreads threads = new SharedThreads(4, "shared");

    @AfterEach
    void close() {
        end.countDown();
        threads.close(30);
    }

    private String next() throws InterruptedException {
        return begun.poll(30, TimeUnit.SECONDS);
    }

    private void endless(String project) {
        threads.execute(project, false, () -> {
            begun.add(project);
            await(end);
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aTaskOfAnotherProjectDoesNotWaitForThoseOfOne() throws Exception {
        for (int i = 0; i < 6; i++) {
            endless("large");
        }
        threads.execute("small", false, () -> begun.add("small"));

        assertThat(List.of(next(), next(), next(), next())).containsOnlyOnce("small");
        assertThat(threads.active()).isLessThanOrEqualTo(4);
        assertThat(threads.waiting()).isEqualTo(3);
    }

    @Test
    void longTasksOfSeveralProjectsLeaveAThreadForOthers() throws Exception {
        for (String project : List.of("a", "b", "c", "d")) {
            threads.execute(project, true, () -> {
                begun.add("long");
                await(end);
            });
        }
        threads.execute("e", false, () -> begun.add("short"));

        assertThat(List.of(next(), next(), next(), next())).containsOnlyOnce("short");
        assertThat(threads.waiting()).isEqualTo(1);
    }

    @Test
    void theNextTaskIsOfTheProjectThatHasTheFewestRunning() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        threads.execute("a", false, () -> await(first));
        for (String project : List.of("a", "a", "b")) {
            endless(project);
            next();
        }
        for (String project : List.of("a", "b", "c")) {
            threads.execute(project, false, () -> begun.add(project));
        }
        assertThat(threads.waiting()).isEqualTo(3);
        first.countDown();

        assertThat(List.of(next(), next(), next())).containsExactly("c", "b", "a");
    }

    @Test
    void tasksThatWaitRunWhenTheThreadsAreClosed() throws Exception {
        threads = new SharedThreads(1, "shared");
        endless("a");
        threads.execute("a", false, () -> begun.add("waited"));
        assertThat(next()).isEqualTo("a");
        end.countDown();
        threads.close(30);
        threads.execute("a", false, () -> begun.add("late"));

        assertThat(begun).containsExactly("waited", "late");
    }
}
