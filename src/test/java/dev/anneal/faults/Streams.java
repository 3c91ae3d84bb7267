package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Many event streams of running jobs, dropped and resumed, while the server is killed and started again. */
final class Streams {
    /** {@code events} counts the events of all streams, {@code together} the streams that were open at the same time. */
    record Figures(int streams, long together, long events, int connections, int refusals, double seconds) {}

    private Streams() {}

    /** The argument is the number of streams. */
    public static void main(String[] arguments) throws Exception {
        SilencedLogs.logs();
        Figures figures = run(Integer.parseInt(arguments[0]), 4);
        System.out.println("| streams | open at once | events seen | connections | other answers | seconds |");
        System.out.println("|---|---|---|---|---|---|");
        System.out.printf(
                "| %d | %d | %d | %d | %d | %.0f |%n",
                figures.streams,
                figures.together,
                figures.events,
                figures.connections,
                figures.refusals,
                figures.seconds);
    }

    /** Fails if a stream misses an event, or gets one twice or out of order. */
    static Figures run(int count, int jobs) throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode server = installation.api();
            Client api = server.client();
            String dataset =
                    api.upload("reviews.csv", Reviews.csv(100), Map.of()).text("id");
            List<String> ids = IntStream.range(0, jobs)
                    .mapToObj(i -> Submission.submit(
                            api,
                            dataset,
                            Map.of("epochs", 6, "seed", i),
                            Map.of("method", Map.of("type", "frozen", "frozen_layers", 5, "freeze_embeddings", true))))
                    .toList();
            HttpClient http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(20))
                    .build();
            List<Follower> followers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                followers.add(new Follower(http, server.url(), ids.get(i % jobs), api.key(), i));
            }
            long begin = System.nanoTime();
            followers.forEach(Follower::open);
            long[] together = {0};
            Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> {
                together[0] = Math.max(
                        together[0], followers.stream().filter(Follower::isOpen).count());
                return together[0] >= count * 0.97; // some are always dropped
            });
            installation.worker("worker", "--anneal.worker.devices=cpu,cpu");
            Submission.awaitStep(api, ids.get(0), 1, 8);
            server.kill();
            server.start().awaitReady();
            Submission.awaitEnd(api, ids.get(jobs / 2));
            server.terminate(60);
            server.start().awaitReady();
            for (String id : ids) {
                JobHistory history = Submission.awaitEnd(api, id);
                history.assertWhole();
            }
            long events = 0;
            for (int i = 0; i < count; i++) {
                long last = followers.get(i).end().get(5, TimeUnit.MINUTES);
                assertThat(last)
                        .isEqualTo(installation
                                .sql()
                                .sql("select last_event from jobs where id = ?")
                                .param(ids.get(i % jobs))
                                .query(Long.class)
                                .single());
                events += last;
            }
            return new Figures(
                    count,
                    together[0],
                    events,
                    followers.stream().mapToInt(Follower::connections).sum(),
                    followers.stream().mapToInt(Follower::refusals).sum(),
                    (System.nanoTime() - begin) / 1e9);
        }
    }
}
