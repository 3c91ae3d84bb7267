package dev.anneal.faults;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Stops Postgres three times while a job trains, and starts it again after a while; see bench/faults. */
final class Outages {
    private static final Map<String, ?> EPOCHS = Map.of("epochs", 60);
    private static final Map<String, ?> METHOD = Map.of("method", Map.of("type", "frozen", "frozen_layers", 1));

    private Outages() {}

    /** The argument is the number of seconds that Postgres is stopped each time. */
    public static void main(String[] arguments) throws Exception {
        int seconds = Integer.parseInt(arguments[0]);
        SilencedLogs.logs();
        try (Installation installation = new Installation()) {
            Client api = installation.api().client();
            ServerNode worker = installation.worker("worker", "--anneal.worker.lease=15s");
            String dataset =
                    api.upload("reviews.csv", Reviews.csv(250), Map.of()).text("id");
            JobHistory undisturbed = Submission.awaitEnd(api, Submission.submit(api, dataset, EPOCHS, METHOD));
            undisturbed.assertWhole();
            System.out.println("undisturbed: " + undisturbed.weights());
            String job = Submission.submit(api, dataset, EPOCHS, METHOD);
            int step = 0;
            System.out.println("| shutdown of Postgres | at step | stopped for | the trainer | attempt after |");
            System.out.println("|---|---|---|---|---|");
            for (String signal : List.of("INT", "QUIT", "INT")) {
                step += 5;
                Submission.awaitStep(api, job, 1, step);
                step = step(api, job);
                long begin = System.nanoTime();
                ProcessHandle trainer = worker.awaitTrainer(job).process();
                installation.postgres.stop(signal);
                boolean lives = lives(trainer, seconds);
                installation.postgres.start();
                double stopped = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        "| %s | %d | %.0f s | %s | %d |%n",
                        signal.equals("INT") ? "fast" : "immediate",
                        step,
                        stopped,
                        lives ? "kept running" : "ended",
                        attempt(api, job));
                step = step(api, job);
            }
            JobHistory history = Submission.awaitEnd(api, job);
            history.assertWhole();
            history.assertEquals(undisturbed);
            System.out.printf(
                    "succeeded in attempt %d with the same weights; %d epochs and %d events, none missing or repeated%n",
                    history.attempts(),
                    history.metrics().size(),
                    history.events().size());
        }
    }

    private static boolean lives(ProcessHandle trainer, int seconds) throws Exception {
        try {
            trainer.onExit().get(seconds, TimeUnit.SECONDS);
            return false;
        } catch (TimeoutException lives) {
            return true;
        }
    }

    private static int step(Client api, String job) {
        return read(api, job, "progress").path("step").asInt();
    }

    private static int attempt(Client api, String job) {
        return read(api, job, "attempt").asInt();
    }

    private static tools.jackson.databind.JsonNode read(Client api, String job, String field) {
        return org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> api.get("/api/v1/jobs/" + job).json().path(field), node -> !node.isMissingNode());
    }
}
