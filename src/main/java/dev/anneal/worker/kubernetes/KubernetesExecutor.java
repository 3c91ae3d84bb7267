package dev.anneal.worker.kubernetes;

import dev.anneal.job.queue.Attempt;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.Slot;
import dev.anneal.worker.executor.TrainerCommand;
import dev.anneal.worker.executor.TrainerExecutor;
import dev.anneal.worker.executor.TrainerLostException;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs each trainer as a Job of a Kubernetes cluster. */
final class KubernetesExecutor implements TrainerExecutor {
    private static final Logger log = LoggerFactory.getLogger(KubernetesExecutor.class);

    private static final int TOO_MANY_REQUESTS = 429;

    private final KubernetesClient client;
    private final KubernetesSettings settings;
    private final TrainerCommand command;
    private final TrainerJob jobs;

    KubernetesExecutor(KubernetesClient client, KubernetesSettings settings, TrainerCommand command, TrainerJob jobs) {
        this.client = client;
        this.settings = settings;
        this.command = command;
        this.jobs = jobs;
    }

    @Override
    public RunningTrainer start(Attempt attempt, Path workDirectory, Slot slot) throws IOException {
        String namespace = settings.namespace() == null ? client.getNamespace() : settings.namespace();
        try {
            deleteEarlier(namespace, attempt);
            Job job = client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .resource(jobs.of(attempt, workDirectory, slot, command.forWork(workDirectory, slot.device())))
                    .create();
            log.info("created job {} in namespace {}", job.getMetadata().getName(), namespace);
            return new TrainerPod(new PodAccess(client, namespace, attempt), settings);
        } catch (KubernetesClientException e) {
            boolean rejected = e.getCode() / 100 == 4 && e.getCode() != TOO_MANY_REQUESTS;
            throw rejected ? new IOException("Kubernetes rejected the trainer's Job: " + e.getMessage(), e) : outage(e);
        }
    }

    /** Returns the reason why an attempt ends that is not the job's fault. */
    static TrainerLostException outage(KubernetesClientException e) {
        TrainerLostException outage = new TrainerLostException(
                "The Kubernetes API is unavailable: " + e.getMessage(), TrainerLostException.Loss.OUTAGE);
        outage.initCause(e);
        return outage;
    }

    /** Deletes the Jobs of earlier attempts, whose trainers may still run although their output is no longer read. */
    private void deleteEarlier(String namespace, Attempt attempt) {
        var earlier = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withLabel(TrainerJob.JOB, attempt.jobId())
                .list()
                .getItems();
        for (Job job : earlier) {
            log.info("deleting job {} of an earlier attempt", job.getMetadata().getName());
            client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .withName(job.getMetadata().getName())
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .withGracePeriod(0)
                    .delete();
        }
    }
}
