package dev.anneal.worker.kubernetes;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How trainers run as Jobs of a cluster.
 *
 * @param namespace null: that of this process's service account
 * @param image has the same Anneal as this worker
 * @param volumeClaim the claim that is this worker's data directory, mounted in trainers at the same path
 * @param queue the LocalQueue of Kueue that admits the Jobs, or null
 * @param gpuResource what a slot with a GPU asks for, once
 * @param pendingTimeout a pod that has not begun to run by then is given up
 * @param patience how long the cluster's API may be away
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

    /** Of a trainer; null is none, and a processor request is the slot's threads then. */
    record Resources(String cpu, String cpuLimit, String memory, String memoryLimit) {}

    /** As in a pod's specification. */
    record Toleration(String key, String operator, String value, String effect) {}

    void check() {
        if (image == null || volumeClaim == null) {
            throw new IllegalArgumentException(
                    "anneal.executor=kubernetes needs anneal.kubernetes.image and anneal.kubernetes.volume-claim");
        }
    }
}
