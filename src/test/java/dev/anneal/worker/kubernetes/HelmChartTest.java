package dev.anneal.worker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.ByteArrayResource;

/** The rendered Helm chart. Needs helm on the path, which {@code .ci/run} installs. */
class HelmChartTest {
    private static final Path CHART = Path.of("deploy/helm/anneal");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final List<String> REQUIRED = List.of(
            "--set", "database.url=jdbc:postgresql://postgres:5432/anneal",
            "--set", "database.existingSecret=postgres",
            "--set", "artifacts.store=s3://models/anneal");

    @BeforeAll
    static void requireHelm() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, "helm"))),
                "helm is not on the path");
    }

    @Test
    void theChartPassesHelmLint() throws Exception {
        assertThat(helm("lint", List.of("--strict")).exit()).isZero();
    }

    @Test
    void workersReadTheTrainerSettingsThatTheChartWrites() throws Exception {
        KubernetesSettings settings = settings(
                "--set", "trainer.queue=gpus",
                "--set", "trainer.resources.cpuLimit=8",
                "--set", "trainer.nodeSelector.cloud\\.example/gpu=h100",
                "--set", "trainer.tolerations[0].key=nvidia.com/gpu",
                "--set", "trainer.tolerations[0].operator=Exists",
                "--set", "imagePullSecrets[0]=registry");

        settings.check();
        assertThat(settings.namespace()).isEqualTo("ml");
        assertThat(settings.image()).isEqualTo("anneal:" + appVersion());
        assertThat(settings.imagePullSecrets()).containsExactly("registry");
        assertThat(settings.volumeClaim()).isEqualTo("team-anneal-data");
        assertThat(settings.queue()).isEqualTo("gpus");
        assertThat(settings.resources()).isEqualTo(new KubernetesSettings.Resources(null, "8", "4Gi", "16Gi"));
        assertThat(settings.nodeSelector()).containsEntry("cloud.example/gpu", "h100");
        assertThat(settings.tolerations())
                .containsExactly(new KubernetesSettings.Toleration("nvidia.com/gpu", "Exists", null, null));
    }

    @Test
    void trainersHaveAServiceAccountWithoutRightsAndTheWorkersVolume() throws Exception {
        List<HasMetadata> rendered = render();
        KubernetesSettings settings = settings();

        ServiceAccount account = only(rendered, ServiceAccount.class, settings.serviceAccount());
        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        assertThat(rendered)
                .filteredOn(object -> object.getKind().equals("RoleBinding"))
                .noneSatisfy(binding -> assertThat(YAML.asYaml(binding)).contains(settings.serviceAccount()));
        assertThat(pod(rendered, "worker").getVolumes())
                .anySatisfy(
                        volume -> assertThat(volume.getPersistentVolumeClaim().getClaimName())
                                .isEqualTo(settings.volumeClaim()));
    }

    @Test
    void aWorkerHasOnlyTheRightsToJobsAndPodsThatItNeeds() throws Exception {
        Role role = only(render(), Role.class, "team-anneal-worker");
        assertThat(role.getRules())
                .flatExtracting(rule -> rule.getResources().stream()
                        .flatMap(resource -> rule.getVerbs().stream().map(verb -> verb + " " + resource))
                        .toList())
                .containsExactlyInAnyOrder(
                        "create jobs",
                        "get jobs",
                        "list jobs",
                        "delete jobs",
                        "get pods",
                        "list pods",
                        "watch pods",
                        "delete pods",
                        "deletecollection pods",
                        "get pods/log");
        assertThat(pod(render(), "worker").getAutomountServiceAccountToken()).isTrue();
        assertThat(pod(render("--set", "worker.executor=local"), "worker").getAutomountServiceAccountToken())
                .isFalse();
        assertThat(render("--set", "worker.executor=local")).noneMatch(Role.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "worker"})
    void podsRunWithoutPrivilegesAndHaveTimeToShutDown(String component) throws Exception {
        PodSpec pod = pod(render(), component);
        Container container = pod.getContainers().get(0);
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/readiness");
        if (component.equals("worker")) {
            assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(30);
        }
    }

    @Test
    void passwordsAndKeysComeFromSecretsOnly() throws Exception {
        for (String component : List.of("api", "worker")) {
            assertThat(pod(render("--set", "artifacts.s3.existingSecret=bucket"), component)
                            .getContainers()
                            .get(0)
                            .getEnv())
                    .filteredOn(variable -> variable.getName().matches(".*(PASSWORD|SECRET|ACCESS_KEY|USER).*"))
                    .hasSize(4)
                    .allSatisfy(variable -> assertThat(variable.getValueFrom().getSecretKeyRef())
                            .isNotNull());
        }
    }

    /** A service called anneal would set ANNEAL_PORT in the pods of workers. */
    @Test
    void noServiceSetsVariablesOfThePods() throws Exception {
        for (String component : List.of("api", "worker")) {
            assertThat(pod(render(), component).getEnableServiceLinks()).isFalse();
        }
    }

    @Test
    void apiAndWorkersGetTheFolderWithPyTorch() throws Exception {
        for (String component : List.of("api", "worker")) {
            assertThat(pod(render("--set", "torch.home=/opt/torch"), component)
                            .getContainers()
                            .get(0)
                            .getEnv())
                    .anySatisfy(variable -> {
                        assertThat(variable.getName()).isEqualTo("ANNEAL_TORCH_HOME");
                        assertThat(variable.getValue()).isEqualTo("/opt/torch");
                    });
            assertThat(pod(render(), component).getContainers().get(0).getEnv())
                    .extracting("name")
                    .doesNotContain("ANNEAL_TORCH_HOME");
        }
    }

    @Test
    void theServiceTargetsTheApiPort() throws Exception {
        List<HasMetadata> rendered = render("--set", "api.port=9000");
        Service service = only(rendered, Service.class, "team-anneal");
        Container api = pod(rendered, "api").getContainers().get(0);
        Deployment deployment = only(rendered, Deployment.class, "team-anneal-api");
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
        assertThat(api.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName())
                    .isEqualTo(
                            service.getSpec().getPorts().get(0).getTargetPort().getStrVal());
            assertThat(port.getContainerPort()).isEqualTo(9000);
        });
        assertThat(api.getEnv()).contains(new EnvVar("ANNEAL_PORT", "9000", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "artifacts.store=directory | share the volume",
                "worker.executor=docker | worker.executor is",
                "database.existingSecret= | database.existingSecret is required",
                "artifacts.store= | artifacts.store is required"
            })
    void invalidValuesAreRefusedWithTheReason(String valueAndReason) throws Exception {
        String[] parts = valueAndReason.split(" \\| ");
        Output output = helm("template", List.of("--set", parts[0]));
        assertThat(output.exit()).isNotZero();
        assertThat(output.text()).contains(parts[1]);
    }

    @Test
    void theServiceMonitorAndNetworkPoliciesAreOptional() throws Exception {
        assertThat(render()).extracting(HasMetadata::getKind).doesNotContain("ServiceMonitor", "NetworkPolicy");
        assertThat(render(
                        "--set", "serviceMonitor.enabled=true",
                        "--set", "serviceMonitor.labels.release=prometheus",
                        "--set", "networkPolicy.enabled=true"))
                .extracting(HasMetadata::getKind)
                .contains("ServiceMonitor", "NetworkPolicy");
    }

    private static KubernetesSettings settings(String... more) throws Exception {
        ConfigMap map = only(render(more), ConfigMap.class, "team-anneal-trainers");
        MutablePropertySources sources = new MutablePropertySources();
        new YamlPropertySourceLoader()
                .load(
                        "chart",
                        new ByteArrayResource(
                                map.getData().get("application.yml").getBytes(StandardCharsets.UTF_8)))
                .forEach(sources::addLast);
        return new Binder(ConfigurationPropertySources.from(sources))
                .bind("anneal.kubernetes", KubernetesSettings.class)
                .get();
    }

    private static PodSpec pod(List<HasMetadata> rendered, String component) {
        return component.equals("api")
                ? only(rendered, Deployment.class, "team-anneal-api")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                : only(rendered, StatefulSet.class, "team-anneal-worker")
                        .getSpec()
                        .getTemplate()
                        .getSpec();
    }

    private static <T extends HasMetadata> T only(List<HasMetadata> rendered, Class<T> kind, String name) {
        return rendered.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<HasMetadata> render(String... more) throws Exception {
        Output output = helm("template", List.of(more));
        assertThat(output.exit()).as(output.text()).isZero();
        return Pattern.compile("^---$", Pattern.MULTILINE)
                .splitAsStream(output.text())
                .filter(document -> document.contains("kind:"))
                .map(document -> (HasMetadata) YAML.unmarshal(document))
                .toList();
    }

    private record Output(int exit, String text) {}

    private static Output helm(String what, List<String> more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("helm", what));
        if (what.equals("template")) {
            command.addAll(List.of("team", "--namespace", "ml", "--kube-version", "1.31.0"));
        }
        command.add(CHART.toString());
        command.addAll(REQUIRED);
        command.addAll(more);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), text);
    }

    private static String appVersion() throws IOException {
        Map<String, Object> chart = YAML.unmarshal(Files.readString(CHART.resolve("Chart.yaml")), Map.class);
        return chart.get("appVersion").toString();
    }
}
