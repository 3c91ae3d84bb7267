package dev.anneal.worker.kubernetes;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of trainers that run as Jobs of a cluster.
 *
 * @param namespace the namespace of the Jobs; null for that of this process's service account
 * @param image an image with the same version of Anneal as this worker
 * @param volumeClaim the claim of this worker's data directory, mounted in trainers at the same path
 * @param queue the LocalQueue of Kueue that admits the Jobs, or null
 * @param gpuResource the resource of which a slot with a GPU requests one
 * @param pendingTimeout how long a pod may take to start before the attempt fails
 * @param patience how long the cluster's API may be unavailable before the attempt fails
 */
@ConfigurationProperties("anneal.kubernetes")
record KubernetesSettings(
        String namespace,
        String image,
        String imagePullPolicy,
        @DefaultValue List<String> imagePullSecrets,
        String volumeClaim,
        String queue,
        String serviceAccount,
        @DefaultValue Resources resources,
        @DefaultValue("nvidia.com/gpu") String gpuResource,
        @DefaultValue Map<String, String> nodeSelector,
        @DefaultValue List<Toleration> tolerations,
        @DefaultValue("10001") long user,
        @DefaultValue("10m") Duration pendingTimeout,
        @DefaultValue("5m") Duration patience,
        @DefaultValue("1h") Duration keepFinished) {

    /** Resources of a trainer. Null means no request or limit, but the CPU request defaults to the slot's threads. */
    record Resources(String cpu, String cpuLimit, String memory, String memoryLimit) {}

    /** A toleration of a pod's specification. */
    record Toleration(String key, String operator, String value, String effect) {}

    void check() {
        if (image == null || volumeClaim == null) {
            throw new IllegalArgumentException(
                    "anneal.executor=kubernetes requires anneal.kubernetes.image and anneal.kubernetes.volume-claim. Set both.");
        }
    }
}
