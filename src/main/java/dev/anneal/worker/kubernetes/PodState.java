package dev.anneal.worker.kubernetes;

import dev.anneal.worker.executor.TrainerLostException;
import dev.anneal.worker.executor.TrainerLostException.Loss;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a trainer by its pod's status: whether its log can be read, its exit code if it has ended, and whether memory ran
 * out.
 */
record PodState(boolean started, @Nullable Integer exit, boolean outOfMemory) {
    private static final int KILLED = 137;
    private static final Set<String> HOPELESS = Set.of(
            "ImagePullBackOff",
            "ErrImagePull",
            "InvalidImageName",
            "ErrImageNeverPull",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError");

    private static final Set<String> REFUSALS = Set.of(
            "UnexpectedAdmissionError",
            "NodeAffinity",
            "NodeName",
            "NodePorts",
            "TopologyAffinityError",
            "PodOSSelectorNodeLabelDoesNotMatch");

    /** The kubelet's messages about a pod that stores more than it may. */
    private static final Pattern OWN_STORAGE =
            Pattern.compile("ephemeral local storage usage exceeds|local ephemeral storage limit|EmptyDir volume");

    /** Returns the state. Throws an exception with the reason if the trainer will never run. */
    static PodState of(Pod pod) throws IOException {
        ContainerState state = pod.getStatus() == null
                ? null
                : pod.getStatus().getContainerStatuses().stream()
                        .filter(status -> TrainerJob.CONTAINER.equals(status.getName()))
                        .map(ContainerStatus::getState)
                        .flatMap(Stream::ofNullable)
                        .findFirst()
                        .orElse(null);
        ContainerStateTerminated ended = state == null ? null : state.getTerminated();
        if ("Evicted".equals(reason(pod))) {
            throw evicted(pod.getStatus().getMessage());
        }
        if (ended != null) {
            boolean outOfMemory = "OOMKilled".equals(ended.getReason());
            return new PodState(true, outOfMemory ? Integer.valueOf(KILLED) : ended.getExitCode(), outOfMemory);
        }
        if (pod.getStatus() != null && "Failed".equals(pod.getStatus().getPhase())) {
            throw new TrainerLostException(
                    sentence(
                            "The trainer's pod failed",
                            reason(pod),
                            pod.getStatus().getMessage()),
                    isRefusal(reason(pod)) ? Loss.RETRY : Loss.KILL);
        }
        ContainerStateWaiting waiting = state == null ? null : state.getWaiting();
        if (waiting != null && HOPELESS.contains(String.valueOf(waiting.getReason()))) {
            throw new IOException(
                    sentence("The trainer's pod cannot start", waiting.getReason(), waiting.getMessage()));
        }
        return new PodState(state != null && state.getRunning() != null, null, false);
    }

    private static TrainerLostException evicted(@Nullable String message) {
        String what = sentence("Kubernetes evicted the trainer's pod", null, message);
        if (message != null && message.contains("low on resource: memory")) {
            return new TrainerLostException(
                    what + " Lower batch_size or max_length, or raise the memory request of the trainer's pods.",
                    Loss.MEMORY);
        }
        boolean own = message != null && OWN_STORAGE.matcher(message).find();
        return new TrainerLostException(what, own ? Loss.RETRY : Loss.KILL);
    }

    /** Returns whether the node refused to run the pod. */
    private static boolean isRefusal(@Nullable String reason) {
        return reason != null && (REFUSALS.contains(reason) || reason.startsWith("OutOf"));
    }

    private static String sentence(String what, @Nullable String reason, @Nullable String message) {
        String text = what + part(reason) + part(message);
        return text.endsWith(".") ? text : text + ".";
    }

    private static String part(@Nullable String text) {
        return text == null || text.isBlank() ? "" : ": " + text.strip();
    }

    /** Returns the scheduler's reason why the pod is still pending. */
    static String whyPending(Pod pod) {
        return pod.getStatus() == null
                ? "no status"
                : pod.getStatus().getConditions().stream()
                        .filter(condition -> "False".equals(condition.getStatus()) && condition.getMessage() != null)
                        .map(condition -> condition.getReason() + ": " + condition.getMessage())
                        .findFirst()
                        .orElse("no reason given");
    }

    private static @Nullable String reason(Pod pod) {
        return pod.getStatus() == null ? null : pod.getStatus().getReason();
    }
}
