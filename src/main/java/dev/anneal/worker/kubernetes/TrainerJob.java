package dev.anneal.worker.kubernetes;

import dev.anneal.job.queue.Attempt;
import dev.anneal.worker.executor.Slot;
import dev.anneal.worker.executor.TrainerCommand;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the Job of an attempt: one pod that is never restarted, with the data directory and the trainer's command line. */
final class TrainerJob {
    static final String CONTAINER = "trainer";
    static final String JOB = "anneal/job";
    static final String ATTEMPT = "anneal/attempt";
    private static final String QUEUE = "kueue.x-k8s.io/queue-name";
    private static final String DATA = "data";
    private static final String TMP = "tmp";

    /** The pod of this worker, which owns its Jobs, so that they are deleted with it. */
    record Owner(String name, String uid) {
        private OwnerReference reference() {
            return new OwnerReferenceBuilder()
                    .withApiVersion("v1")
                    .withKind("Pod")
                    .withName(name)
                    .withUid(uid)
                    .build();
        }
    }

    private final KubernetesSettings settings;
    private final Path data;
    private final @Nullable Owner owner;

    TrainerJob(KubernetesSettings settings, Path data, @Nullable Owner owner) {
        this.settings = settings;
        this.data = data;
        this.owner = owner;
    }

    static String name(Attempt attempt) {
        return ("anneal-" + attempt.jobId() + "-" + attempt.number())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9-]", "-");
    }

    static Map<String, String> labels(Attempt attempt) {
        return Map.of(JOB, attempt.jobId(), ATTEMPT, String.valueOf(attempt.number()));
    }

    Job of(Attempt attempt, Path workDirectory, Slot slot, TrainerCommand.Launch launch) {
        Map<String, String> labels = new HashMap<>(labels(attempt));
        labels.put("app.kubernetes.io/name", "anneal-trainer");
        Map<String, String> ofJob = new HashMap<>(labels);
        if (settings.queue() != null) {
            ofJob.put(QUEUE, settings.queue());
        }
        return new JobBuilder()
                .withNewMetadata()
                .withName(name(attempt))
                .withLabels(ofJob)
                .withOwnerReferences(owner == null ? List.of() : List.of(owner.reference()))
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0)
                .withTtlSecondsAfterFinished((int) settings.keepFinished().toSeconds())
                .withSuspend(settings.queue() == null ? null : true) // until Kueue admits it
                .withTemplate(pod(labels, container(workDirectory, slot, launch)))
                .endSpec()
                .build();
    }

    private PodTemplateSpec pod(Map<String, String> labels, Container container) {
        PodTemplateSpec pod = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(30L)
                .withServiceAccountName(settings.serviceAccount())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withImagePullSecrets(settings.imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withNodeSelector(settings.nodeSelector())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(settings.user())
                .withRunAsGroup(settings.user())
                .withFsGroup(settings.user())
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewVolume()
                .withName(DATA)
                .withNewPersistentVolumeClaim()
                .withClaimName(settings.volumeClaim())
                .endPersistentVolumeClaim()
                .endVolume()
                .addNewVolume()
                .withName(TMP)
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .withContainers(container)
                .endSpec()
                .build();
        pod.getSpec()
                .setTolerations(settings.tolerations().stream()
                        .map(t -> new io.fabric8.kubernetes.api.model.Toleration(
                                t.effect(), t.key(), t.operator(), null, t.value()))
                        .toList());
        return pod;
    }

    private Container container(Path workDirectory, Slot slot, TrainerCommand.Launch launch) {
        Map<String, Quantity> requests = new HashMap<>();
        Map<String, Quantity> limits = new HashMap<>();
        KubernetesSettings.Resources resources = settings.resources();
        put(requests, "cpu", resources.cpu() == null ? String.valueOf(slot.threads()) : resources.cpu());
        put(limits, "cpu", resources.cpuLimit());
        put(requests, "memory", resources.memory());
        put(limits, "memory", resources.memoryLimit());
        if (slot.device().startsWith("cuda")) {
            put(limits, settings.gpuResource(), "1");
        }
        List<EnvVar> environment = new ArrayList<>();
        new java.util.TreeMap<>(launch.environment())
                .forEach((name, value) -> environment.add(new EnvVar(name, value, null)));
        environment.add(new EnvVar("HOME", "/tmp", null)); // everything else is read-only
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(settings.image())
                .withImagePullPolicy(settings.imagePullPolicy())
                .withCommand(launch.command())
                .withWorkingDir(workDirectory.toString())
                .withEnv(environment)
                .withNewResources()
                .withRequests(requests)
                .withLimits(limits)
                .endResources()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName(DATA)
                .withMountPath(data.toString())
                .endVolumeMount()
                .addNewVolumeMount()
                .withName(TMP)
                .withMountPath("/tmp")
                .endVolumeMount()
                .build();
    }

    private static void put(Map<String, Quantity> quantities, String name, @Nullable String value) {
        if (value != null) {
            quantities.put(name, new Quantity(value));
        }
    }
}
