package dev.anneal.worker.kubernetes;

import dev.anneal.local.DataDirectory;
import dev.anneal.worker.executor.TrainerCommand;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures trainers as Jobs of a Kubernetes cluster, if {@code anneal.executor=kubernetes}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "anneal.executor", havingValue = "kubernetes")
class Cluster {
    /** Returns a client that uses the service account of this pod, or else the kubeconfig of the user. */
    @Bean(destroyMethod = "close")
    KubernetesClient kubernetesClient() {
        return new KubernetesClientBuilder().build();
    }

    @Bean
    KubernetesExecutor kubernetesExecutor(
            KubernetesClient client,
            KubernetesSettings settings,
            TrainerCommand command,
            DataDirectory data,
            @Value("${POD_NAME:}") String podName,
            @Value("${POD_UID:}") String podUid) {
        settings.check();
        var owner = podName.isEmpty() || podUid.isEmpty() ? null : new TrainerJob.Owner(podName, podUid);
        return new KubernetesExecutor(client, settings, command, new TrainerJob(settings, data.file(""), owner));
    }
}
