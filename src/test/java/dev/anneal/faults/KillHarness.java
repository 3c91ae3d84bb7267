package dev.anneal.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * Runs many jobs on real rows, kills their trainers, their workers and the whole server at random steps, and compares each
 * job with an undisturbed run of the same kind; see bench/faults.
 */
final class KillHarness {
    /** A kill that is due when the job's trainer has reached this share of the steps. */
    private record Kill(KillTarget kind, double share) {}

    private static final class Run {
        final JobKind kind;
        final String id;
        final Deque<Kill> kills;
        final List<String> done = new ArrayList<>();
        int attempt;
        int step = -1;
        boolean begun;
        JobHistory history;

        Run(JobKind kind, String id, Deque<Kill> kills) {
            this.kind = kind;
            this.id = id;
            this.kills = kills;
        }
    }

    private final Deployment mode;
    private final Random random;
    private final Map<KillTarget, Integer> kills = new EnumMap<>(KillTarget.class);
    private final Map<String, String> datasets = new HashMap<>();
    private final Instant begin = Instant.now();
    private int looks;
    private int wrongs;

    private KillHarness(Deployment mode, long seed) {
        this.mode = mode;
        this.random = new Random(seed);
    }

    /** The arguments are the folder with the data sets, the number of jobs, the seed, and the mode: split or one. */
    public static void main(String[] arguments) {
        SilencedLogs.logs();
        int failures;
        try (Deployment mode = Deployment.of(arguments[3])) {
            KillHarness harness = new KillHarness(mode, Long.parseLong(arguments[2]));
            failures = harness.run(new RealRows(Path.of(arguments[0])), Integer.parseInt(arguments[1]));
        }
        System.exit(failures == 0 ? 0 : 1);
    }

    /** Returns the number of runs that failed or differed. */
    private int run(RealRows rows, int count) {
        JobKind.rows(rows, 100)
                .forEach((name, csv) -> datasets.put(
                        name,
                        mode.client()
                                .upload(name + ".csv", csv, Map.of("split", "{\"validation\":0.1,\"test\":0.05}"))
                                .text("id")));
        Map<JobKind, JobHistory> undisturbed = new LinkedHashMap<>();
        List<JobKind> kinds = JobKind.ALL.subList(0, Math.min(count, JobKind.ALL.size()));
        Map<JobKind, String> first = new LinkedHashMap<>();
        kinds.forEach(kind -> first.put(kind, kind.submit(mode.client(), datasets)));
        first.forEach((kind, id) -> {
            JobHistory history = Submission.awaitEnd(mode.client(), id);
            history.assertWhole();
            undisturbed.put(kind, history);
            say("undisturbed: %s, %s", kind.name(), history.weights());
        });

        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            JobKind kind = kinds.get(i % kinds.size());
            runs.add(new Run(kind, kind.submit(mode.client(), datasets), plan()));
        }
        say(
                "queued %d jobs, planned %d kills",
                count, runs.stream().mapToInt(run -> run.kills.size()).sum());
        while (runs.stream().anyMatch(run -> run.history == null)) {
            if (Duration.between(begin, Instant.now()).toMinutes() > 60) {
                throw new AssertionError("the jobs did not end within an hour");
            }
            try {
                look(runs);
            } catch (AssertionError | RuntimeException wrong) {
                say("FAILED: %s", wrong);
                wrongs++;
            }
            looks++;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        return report(runs, undisturbed);
    }

    /** Returns one to three kills, mostly of the trainer, rarely of everything. */
    private Deque<Kill> plan() {
        int count = random.nextDouble() < 0.5 ? 1 : random.nextDouble() < 0.7 ? 2 : 3;
        List<Double> shares = random.doubles(count, 0, 0.95).sorted().boxed().toList();
        Deque<Kill> plan = new ArrayDeque<>();
        for (double share : shares) {
            double dice = random.nextDouble();
            plan.add(new Kill(
                    dice < 0.08 ? KillTarget.SERVER : dice < 0.3 ? KillTarget.WORKER : KillTarget.TRAINER, share));
        }
        return plan;
    }

    private void look(List<Run> runs) {
        for (ServerNode worker : mode.workers()) {
            if (!worker.isAlive()) {
                throw new AssertionError(worker.name + " ended without a kill: " + worker.output());
            }
        }
        Map<String, ServerNode> holders = new HashMap<>();
        mode.workers().forEach(worker -> worker.trainers().forEach(trainer -> holders.put(trainer.job(), worker)));
        for (Run run : runs) {
            Optional<ServerNode> holder = Optional.ofNullable(holders.get(run.id));
            boolean maybe = holder.isPresent() || run.begun && looks % 8 == 0;
            Optional<JsonNode> job = run.history == null && maybe ? job(run.id) : Optional.empty();
            if (job.isEmpty()) {
                continue;
            }
            run.begun = true;
            if (!job.get().get("finished_at").isNull()) {
                run.history = JobHistory.of(mode.client(), run.id);
                say("%s %s: %s after %s", job.get().get("status").asString(), run.id, run.kind.name(), run.done);
            } else if (holder.isPresent() && !run.kills.isEmpty() && isDue(run, job.get())) {
                kill(run, holder.get(), job.get());
            }
        }
    }

    /** Returns nothing while the server is down. */
    private Optional<JsonNode> job(String id) {
        try {
            return Optional.of(mode.client().get("/api/v1/jobs/" + id).json());
        } catch (RuntimeException | AssertionError down) {
            return Optional.empty();
        }
    }

    /** A trainer that is killed twice at the same step would count as one that needs too much memory, so it must progress. */
    private static boolean isDue(Run run, JsonNode job) {
        int attempt = job.get("attempt").asInt();
        int step = step(job);
        int steps = job.path("progress").path("steps").asInt(Integer.MAX_VALUE);
        return attempt > run.attempt
                && step > run.step + 4
                && step >= run.kills.peek().share() * steps;
    }

    /** Steps are reported once a second only; an epoch of a head takes less. */
    private static int step(JsonNode job) {
        int step = job.path("progress").path("step").asInt(-1);
        for (JsonNode epoch : job.get("metrics")) {
            step = Math.max(step, epoch.get("step").asInt());
        }
        return step;
    }

    private void kill(Run run, ServerNode holder, JsonNode job) {
        Kill kill = run.kills.remove();
        run.attempt = job.get("attempt").asInt();
        run.step = step(job);
        switch (kill.kind()) {
            case TRAINER ->
                holder.trainer(run.id).ifPresent(trainer -> trainer.process().destroyForcibly());
            case WORKER -> {
                holder.kill();
                holder.start();
            }
            case SERVER -> mode.killServer();
        }
        kills.merge(kill.kind(), 1, Integer::sum);
        run.done.add(kill.kind() + "@" + run.step);
        say(
                "killed %s of %s (%s) at step %d of attempt %d",
                kill.kind(), run.id, run.kind.name(), run.step, run.attempt);
    }

    private int report(List<Run> runs, Map<JobKind, JobHistory> undisturbed) {
        int failures = wrongs;
        Map<Integer, Integer> attempts = new TreeMap<>();
        Map<Integer, Integer> resumed = new TreeMap<>();
        int epochs = 0;
        int events = 0;
        for (Run run : runs) {
            JobHistory history = run.history;
            attempts.merge(history.attempts(), 1, Integer::sum);
            history.resumedFrom().stream().skip(1).forEach(step -> resumed.merge(step, 1, Integer::sum));
            epochs += history.metrics().size();
            events += history.events().size();
            try {
                history.assertWhole();
                history.assertEquals(undisturbed.get(run.kind));
            } catch (AssertionError e) {
                failures++;
                say("FAILED: %s %s after %s: %s", run.id, run.kind.name(), run.done, e.getMessage());
            }
        }
        System.out.printf(
                "%n| | |%n|---|---|%n| jobs | %d (%d kinds) |%n| kills of a trainer / a worker / everything | %d / %d / %d |%n",
                runs.size(),
                undisturbed.size(),
                kills.getOrDefault(KillTarget.TRAINER, 0),
                kills.getOrDefault(KillTarget.WORKER, 0),
                kills.getOrDefault(KillTarget.SERVER, 0));
        System.out.printf(
                "| jobs by attempts | %s |%n| attempts by the step that they resumed from | %s |%n", attempts, resumed);
        System.out.printf(
                "| epochs / events checked | %d / %d |%n| jobs that were incomplete or unequal | %d |%n| minutes | %.1f |%n",
                epochs, events, failures, Duration.between(begin, Instant.now()).toSeconds() / 60.0);
        return failures;
    }

    private void say(String format, Object... values) {
        System.out.printf("%5d s  %s%n", Duration.between(begin, Instant.now()).toSeconds(), format.formatted(values));
    }
}
