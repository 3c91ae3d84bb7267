package dev.anneal.worker.kubernetes;

import dev.anneal.job.queue.Attempt;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The Job of one attempt in the cluster, and its pod. */
final class PodAccess {
    private final KubernetesClient client;
    private final String namespace;
    private final Attempt attempt;

    PodAccess(KubernetesClient client, String namespace, Attempt attempt) {
        this.client = client;
        this.namespace = namespace;
        this.attempt = attempt;
    }

    String name() {
        return TrainerJob.name(attempt);
    }

    Optional<Job> job() {
        return Optional.ofNullable(client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name())
                .get());
    }

    /** Returns the pod of the attempt; the newest if there are two. */
    Optional<Pod> pod() {
        return client.pods().inNamespace(namespace).withLabels(TrainerJob.labels(attempt)).list().getItems().stream()
                .max(Comparator.comparing(
                        pod -> String.valueOf(pod.getMetadata().getCreationTimestamp())));
    }

    /** Streams the container's log since a time (null for all of it). Each line begins with its timestamp. */
    LogWatch log(Pod pod, @Nullable String since) {
        var container = client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .inContainer(TrainerJob.CONTAINER);
        var timed = container.usingTimestamps();
        try {
            return (since == null ? timed : timed.sinceTime(since))
                    .withLogWaitTimeout(0)
                    .watchLog();
        } catch (CompletionException failed) { // the client wraps failures of its other calls, but not of this one
            throw new KubernetesClientException("cannot open the trainer's log: " + failed.getMessage(), failed);
        }
    }

    void deletePods(long graceSeconds) {
        client.pods()
                .inNamespace(namespace)
                .withLabels(TrainerJob.labels(attempt))
                .withGracePeriod(graceSeconds)
                .delete();
    }

    /** Deletes the Job and its pods. The pods are deleted apart, because the grace period of a Job does not apply to them. */
    void deleteAll() {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name())
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .withGracePeriod(0)
                .delete();
        deletePods(0);
    }
}
