package dev.anneal.worker.kubernetes;

import dev.anneal.training.process.WorkFiles;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.TrainerLostException;
import dev.anneal.worker.executor.TrainerOutput;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** A trainer in a pod. Its events and log lines come from the pod's log, its exit code from the pod's status. */
final class TrainerPod implements RunningTrainer {
    private static final Logger log = LoggerFactory.getLogger(TrainerPod.class);
    private static final int KILLED = 137;
    private static final long POLL_MILLIS = 1000;
    private static final long GRACE_SECONDS = 30;

    private final PodAccess cluster;
    private final KubernetesSettings settings;
    private final TrainerOutput output = new TrainerOutput();
    private Instant admitted = Instant.now();
    private @Nullable LogWatch stream;
    private boolean killed;
    private boolean stopped;
    private boolean wroteLastCheckpoint;
    private boolean seen;
    private boolean wasStarted;
    private boolean complete;
    private boolean outOfMemory;

    TrainerPod(PodAccess cluster, KubernetesSettings settings) {
        this.cluster = cluster;
        this.settings = settings;
    }

    @Override
    public int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) throws IOException {
        PodLog lines = new PodLog(line -> relay(line, event, logLine));
        Instant failing = null;
        try {
            while (!isKilled()) {
                try {
                    Optional<Pod> pod = cluster.pod();
                    Integer exit = pod.isPresent() ? look(pod.get(), lines) : absent();
                    failing = null;
                    if (exit != null) {
                        return exit;
                    }
                } catch (KubernetesClientException unavailable) {
                    log.warn("the Kubernetes API is unavailable: {}", unavailable.getMessage());
                    failing = failing == null ? Instant.now() : failing;
                    if (isPast(failing, settings.patience())) {
                        throw KubernetesExecutor.outage(unavailable);
                    }
                }
                pause();
            }
            return KILLED;
        } catch (IOException gone) {
            if (isKilled()) {
                return KILLED;
            }
            kill();
            throw gone;
        } catch (RuntimeException fault) {
            kill(); // its output is no longer read
            throw fault;
        }
    }

    /** Returns the exit code once the trainer has ended and its log is read to the end, else null. */
    private @Nullable Integer look(Pod pod, PodLog lines) throws IOException {
        seen = true;
        PodState state = PodState.of(pod);
        outOfMemory = state.outOfMemory();
        if (!state.started()) {
            if (!wasStarted && isPast(created(pod), settings.pendingTimeout())) {
                throw new IOException("The trainer's pod did not start within "
                        + settings.pendingTimeout().toMinutes() + " minutes: " + PodState.whyPending(pod));
            }
            return null;
        }
        wasStarted = true;
        read(pod, lines, state.exit() != null);
        // Only a stream that was opened after the end is complete.
        return complete ? state.exit() : null;
    }

    private static Instant created(Pod pod) {
        String time = pod.getMetadata().getCreationTimestamp();
        return time == null ? Instant.now() : Instant.parse(time);
    }

    private void read(Pod pod, PodLog lines, boolean ended) {
        try (LogWatch watch = open(pod, lines.since())) {
            if (watch != null) {
                lines.read(watch.getOutput(), ended);
                complete = ended;
            }
        } catch (IOException brokenOff) {
            if (ended && !isKilled()) {
                throw new KubernetesClientException(
                        "cannot read the trainer's log: " + brokenOff.getMessage(), brokenOff);
            }
            log.debug("the log of {} broke off: {}", cluster.name(), brokenOff.getMessage());
        } finally {
            synchronized (this) {
                stream = null;
            }
        }
    }

    /** Opens the log, or returns null if the trainer was killed. */
    private @Nullable LogWatch open(Pod pod, @Nullable String since) {
        LogWatch watch = cluster.log(pod, since);
        synchronized (this) {
            stream = watch;
            if (killed) {
                watch.close();
                return null;
            }
        }
        return watch;
    }

    private void relay(String line, BiConsumer<String, JsonNode> event, Consumer<String> logLine) {
        JsonNode node = TrainerOutput.event(line);
        if (node == null) {
            logLine.accept(output.log(line));
            return;
        }
        wroteLastCheckpoint = node.path("data").path("reason").asString("").equals("stop");
        event.accept(node.path("type").asString(), node.path("data"));
    }

    /**
     * Returns null if the pod does not exist yet, which Kueue may delay for long. If the pod is gone, returns the exit code if
     * it can be inferred.
     */
    private @Nullable Integer absent() throws IOException {
        if (seen || stopped()) {
            if (wroteLastCheckpoint) {
                return WorkFiles.STOPPED_EXIT_CODE; // the pod may be gone before its status was seen
            }
            if (stopped()) {
                return KILLED;
            }
            throw new TrainerLostException(
                    "The trainer's pod is gone. Its node may have failed, or someone may have deleted it.");
        }
        var job = cluster.job().orElseThrow(() -> new IOException("The trainer's Job was deleted."));
        if (Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            admitted = Instant.now();
        } else if (isPast(admitted, settings.pendingTimeout())) {
            throw new IOException("Kubernetes created no pod for the trainer within "
                    + settings.pendingTimeout().toMinutes() + " minutes. See: kubectl describe job " + cluster.name());
        }
        return null;
    }

    private static boolean isPast(Instant from, Duration timeout) {
        return Instant.now().isAfter(from.plus(timeout));
    }

    private synchronized boolean isKilled() {
        return killed;
    }

    private synchronized boolean stopped() {
        return stopped;
    }

    private synchronized void pause() throws IOException {
        try {
            if (!killed) {
                wait(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Deletes the pod with a grace period, which sends SIGTERM: the trainer writes a checkpoint and ends. */
    @Override
    public void stop() {
        synchronized (this) {
            stopped = true;
        }
        attempt(() -> cluster.deletePods(GRACE_SECONDS));
    }

    @Override
    public void kill() {
        synchronized (this) {
            killed = true;
            if (stream != null) {
                stream.close();
            }
            notifyAll();
        }
        attempt(cluster::deleteAll);
    }

    /** Tries a deletion. What remains is deleted with the worker's pod, or when the next attempt starts. */
    private void attempt(Runnable deletion) {
        try {
            deletion.run();
        } catch (KubernetesClientException e) {
            log.warn("cannot delete {}: {}", cluster.name(), e.getMessage());
        }
    }

    /** Returns what Kubernetes reports, since the counter of the worker's own node says nothing about the pod. */
    @Override
    public boolean mayHaveRunOutOfMemory() {
        return outOfMemory;
    }

    @Override
    public List<String> tail() {
        return output.tail();
    }
}
