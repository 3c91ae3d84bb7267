package dev.anneal.worker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.job.plan.TrainerSettings;
import dev.anneal.job.queue.Attempt;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.TestServer;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.Slot;
import dev.anneal.worker.executor.TrainerCommand;
import dev.anneal.worker.executor.TrainerLostException;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Uses a mock of the cluster's API that keeps objects but runs nothing: the tests act as its controllers. */
@EnableKubernetesMockClient(crud = true)
class KubernetesExecutorTest {
    private static final Attempt ATTEMPT = new Attempt("job_01JDFX", 2, "worker");
    private static final Path WORK = Path.of("/data/work/worker-1/job_01JDFX-2");
    private static final Slot CPU = new Slot("slot-0", "cpu", 4, null);
    private static final String JOB = "anneal-job-01jdfx-2";

    KubernetesMockServer server;
    KubernetesClient client;

    private final List<String> events = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();
    private TrainerCommand command;

    @BeforeEach
    void command() {
        command = new TrainerCommand(
                new ChildJvm(new DataDirectory(new DataSettings(TestServer.newDirectory())), TorchSettings.BUNDLED),
                new TrainerSettings(60, "1g", DataSize.ofGigabytes(1)));
    }

    @Test
    void theJobHasItsImageResourcesAndSecuritySettings() throws IOException {
        start(settings("trainers", Duration.ofMinutes(10)), new Slot("slot-0", "cuda:0", 4, null));
        Job job = job();
        assertThat(job.getMetadata().getLabels())
                .containsEntry("anneal/job", "job_01JDFX")
                .containsEntry("anneal/attempt", "2")
                .containsEntry("kueue.x-k8s.io/queue-name", "trainers");
        assertThat(job.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> {
            assertThat(owner.getKind()).isEqualTo("Pod");
            assertThat(owner.getUid()).isEqualTo("uid-1");
        });
        assertThat(job.getSpec().getSuspend()).isTrue();
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(3600);
        var pod = job.getSpec().getTemplate().getSpec();
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(30);
        assertThat(pod.getServiceAccountName()).isEqualTo("trainer");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getNodeSelector()).containsEntry("pool", "gpu");
        assertThat(pod.getTolerations()).singleElement().satisfies(t -> {
            assertThat(t.getKey()).isEqualTo("nvidia.com/gpu");
            assertThat(t.getOperator()).isEqualTo("Exists");
            assertThat(t.getEffect()).isEqualTo("NoSchedule");
        });
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        var container = pod.getContainers().get(0);
        assertThat(container.getImage()).isEqualTo("registry/anneal:1");
        assertThat(container.getCommand())
                .contains("dev.anneal.training.Trainer")
                .endsWith(WORK.toString());
        assertThat(container.getEnv())
                .extracting("name")
                .contains("DJL_CACHE_DIR", "OMP_WAIT_POLICY")
                .doesNotContain("ANNEAL_WATCH_PARENT", "PATH");
        assertThat(container.getResources().getLimits())
                .containsEntry("nvidia.com/gpu", new Quantity("1"))
                .containsEntry("memory", new Quantity("16Gi"));
        assertThat(container.getResources().getRequests())
                .containsEntry("cpu", new Quantity("4"))
                .containsEntry("memory", new Quantity("8Gi"));
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getVolumeMounts()).extracting("mountPath").containsExactly("/data", "/tmp");
        assertThat(pod.getVolumes().get(0).getPersistentVolumeClaim().getClaimName())
                .isEqualTo("anneal-data");
    }

    @Test
    void withoutAQueueItIsNotSuspendedAndWithoutAGpuItRequestsNone() throws IOException {
        start(settings(null, Duration.ofMinutes(10)), CPU);
        assertThat(job().getSpec().getSuspend()).isNull();
        assertThat(job().getMetadata().getLabels()).doesNotContainKey("kueue.x-k8s.io/queue-name");
        assertThat(job().getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getLimits())
                .doesNotContainKey("nvidia.com/gpu");
    }

    @Test
    void jobsOfEarlierAttemptsAreDeletedAndOthersAreNot() throws IOException {
        KubernetesSettings settings = settings(null, Duration.ofMinutes(10));
        executor(settings).start(new Attempt("job_01JDFX", 1, "gone"), WORK, CPU);
        executor(settings).start(new Attempt("job_OTHER", 1, "worker"), WORK, CPU);
        executor(settings).start(ATTEMPT, WORK, CPU);
        assertThat(client.batch().v1().jobs().inNamespace("test").list().getItems())
                .extracting(job -> job.getMetadata().getName())
                .containsExactlyInAnyOrder("anneal-job-other-1", JOB);
    }

    @Test
    void eventsAndLogLinesOfAPodThatRanAreRelayedWithItsExitCode() throws IOException {
        RunningTrainer trainer = start();
        pod(terminated(0, "Completed"));
        log("""
                2026-11-24T21:00:01Z {"type":"start","data":{"steps":3}}
                2026-11-24T21:00:02Z a warning of libtorch's
                2026-11-24T21:00:03Z {"type":"done","data":{}}
                """);
        assertThat(follow(trainer)).isZero();
        assertThat(events).containsExactly("start {\"steps\":3}", "done {}");
        assertThat(logged).containsExactly("a warning of libtorch's");
        assertThat(trainer.tail()).containsExactly("a warning of libtorch's");
    }

    @Test
    void aPodThatRanOutOfMemoryCountsAsKilled() throws IOException {
        RunningTrainer trainer = start();
        pod(terminated(1, "OOMKilled"));
        log("2026-11-24T21:00:02Z the last words\n");
        assertThat(follow(trainer)).isEqualTo(137);
        assertThat(trainer.mayHaveRunOutOfMemory()).isTrue();
        assertThat(trainer.tail()).containsExactly("the last words");
    }

    @Test
    void aPodThatWasKilledForAnotherReasonDidNotRunOutOfMemory() throws IOException {
        RunningTrainer trainer = start();
        pod(terminated(137, "Error"));
        log("2026-11-24T21:00:02Z the last words\n");
        assertThat(follow(trainer)).isEqualTo(137);
        assertThat(trainer.mayHaveRunOutOfMemory()).isFalse();
    }

    @Test
    void theLogOfAFailedPodIsKept() throws IOException {
        RunningTrainer trainer = start();
        pod(terminated(1, "Error"));
        log("2026-11-24T21:00:02Z out of memory: use a smaller batch_size\n");
        assertThat(follow(trainer)).isEqualTo(1);
        assertThat(trainer.tail()).containsExactly("out of memory: use a smaller batch_size");
    }

    @Test
    void aLogThatTheApiRefusesAtFirstIsReadLater() throws IOException {
        RunningTrainer trainer = start();
        pod(terminated(0, "Completed"));
        server.expect()
                .get()
                .withPath(
                        "/api/v1/namespaces/test/pods/pod-1/log?pretty=false&container=trainer&timestamps=true&follow=true")
                .andReturn(404, "{\"kind\":\"Status\",\"message\":\"no node\"}\n")
                .once();
        log("2026-11-24T21:00:02Z {\"type\":\"done\",\"data\":{}}\n");

        assertThat(follow(trainer)).isZero();
        assertThat(events).containsExactly("done {}");
        assertThat(trainer.tail()).isEmpty();
    }

    @Test
    void aConnectionThatIsLostWhenTheLogIsOpenedIsTriedAgain() throws IOException {
        AtomicInteger failures = new AtomicInteger(1);
        Interceptor unreachable = new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (request.uri().getPath().endsWith("/log") && failures.getAndDecrement() > 0) {
                    builder.uri(URI.create("http://127.0.0.1:1/"));
                }
            }
        };
        KubernetesClient other = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("unreachable", unreachable))
                .build();
        try (other) {
            RunningTrainer trainer =
                    executor(other, settings(null, Duration.ofMinutes(10))).start(ATTEMPT, WORK, CPU);
            pod(terminated(0, "Completed"));
            log("2026-11-24T21:00:02Z {\"type\":\"done\",\"data\":{}}\n");

            assertThat(follow(trainer)).isZero();
        }
        assertThat(failures).hasValueLessThan(1);
        assertThat(events).containsExactly("done {}");
    }

    @Test
    void anOutageOfTheApiIsNotTheJobsFault() throws IOException {
        KubernetesSettings impatient = settings(null, Duration.ofMinutes(10), Duration.ZERO);
        try (KubernetesClient unreachable = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withMasterUrl("http://127.0.0.1:1/")
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build()) {
            TrainerPod trainer = new TrainerPod(new PodAccess(unreachable, "test", ATTEMPT), impatient);

            assertOutage(() -> executor(unreachable, impatient).start(ATTEMPT, WORK, CPU));
            assertOutage(() -> follow(trainer));
        }
    }

    @Test
    void aJobThatTheApiRefusesIsNoOutage() {
        server.expect()
                .post()
                .withPath("/apis/batch/v1/namespaces/test/jobs")
                .andReturn(403, "{\"kind\":\"Status\",\"message\":\"jobs are forbidden\"}")
                .once();

        assertThatThrownBy(this::start)
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(TrainerLostException.class)
                .hasMessageContaining("Kubernetes rejected the trainer's Job");
    }

    private static void assertOutage(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TrainerLostException.class, outage -> {
            assertThat(outage.loss()).isEqualTo(TrainerLostException.Loss.OUTAGE);
            assertThat(outage.reason()).startsWith("The Kubernetes API is unavailable: ");
        });
    }

    @Test
    void aMissingImageIsReported() throws IOException {
        RunningTrainer trainer = start();
        pod(new ContainerStateBuilder()
                .withNewWaiting("back-off pulling registry/anneal:1", "ImagePullBackOff")
                .build());
        assertThatThrownBy(() -> follow(trainer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ImagePullBackOff")
                .hasMessageContaining("registry/anneal:1");
        assertThat(client.batch().v1().jobs().inNamespace("test").list().getItems())
                .isEmpty();
    }

    @Test
    void anEvictionIsReported() throws IOException {
        RunningTrainer trainer = start();
        Pod pod = pod(null);
        client.pods()
                .inNamespace("test")
                .resource(new PodBuilder(pod)
                        .withNewStatus()
                        .withPhase("Failed")
                        .withReason("Evicted")
                        .withMessage("The node was low on memory")
                        .endStatus()
                        .build())
                .updateStatus();
        assertThatThrownBy(() -> follow(trainer))
                .isInstanceOf(TrainerLostException.class)
                .hasMessageContaining("evicted")
                .hasMessageContaining("low on memory");
    }

    @Test
    void aPodThatPendsTooLongIsReported() throws IOException {
        RunningTrainer trainer = start(settings(null, Duration.ZERO), CPU);
        pod(null);
        assertThatThrownBy(() -> follow(trainer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not start");
    }

    @Test
    void aJobWithoutAPodIsReportedUnlessItWaitsInAQueue() throws Exception {
        assertThatThrownBy(() -> follow(start(settings(null, Duration.ZERO), CPU)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("created no pod");
        RunningTrainer queued = start(settings("trainers", Duration.ZERO), CPU);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> followUnchecked(queued));
        assertThat(exit).isNotCompletedExceptionally();
        queued.kill();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(137);
    }

    @Test
    void killDeletesJobAndPodAndFollowReturns() throws Exception {
        RunningTrainer trainer = start();
        pod(null);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> followUnchecked(trainer));
        trainer.kill();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(137);
        assertThat(client.batch().v1().jobs().inNamespace("test").list().getItems())
                .isEmpty();
        assertThat(client.pods().inNamespace("test").list().getItems()).isEmpty();
    }

    @Test
    void stopDeletesThePodWithGrace() throws IOException {
        RunningTrainer trainer = start();
        pod(null);
        trainer.stop();
        assertThat(client.pods().inNamespace("test").list().getItems()).isEmpty();
        assertThat(follow(trainer)).isEqualTo(137); // it was deleted before it could write a checkpoint
    }

    @Test
    void aPodThatWasDeletedFromOutsideIsReported() throws Exception {
        CompletableFuture<Integer> exit =
                followUntilThePodIsDeleted("2026-11-24T21:00:02Z {\"type\":\"start\",\"data\":{}}\n");

        assertThatThrownBy(() -> exit.get(60, TimeUnit.SECONDS)).hasMessageContaining("pod is gone");
    }

    @Test
    void aPodThatWasDeletedAfterItsLastCheckpointCountsAsStopped() throws Exception {
        CompletableFuture<Integer> exit = followUntilThePodIsDeleted(
                "2026-11-24T21:00:02Z {\"type\":\"checkpoint\",\"data\":{\"reason\":\"stop\"}}\n");

        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(75);
    }

    /** Deletes the pod once the line of its log was read. Throws what the follow throws if it ends before. */
    private CompletableFuture<Integer> followUntilThePodIsDeleted(String line) throws Exception {
        RunningTrainer trainer = start();
        pod(new ContainerStateBuilder().withNewRunning(null).build());
        log(line);
        CompletableFuture<Integer> read = new CompletableFuture<>();
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> {
            try {
                return trainer.follow((type, data) -> read.complete(0), text -> {});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        exit.whenComplete((code, failure) ->
                read.completeExceptionally(failure == null ? new AssertionError("ended with " + code) : failure));
        read.get(60, TimeUnit.SECONDS);
        client.pods().inNamespace("test").withName("pod-1").withGracePeriod(0).delete();
        return exit;
    }

    private RunningTrainer start() throws IOException {
        return start(settings(null, Duration.ofMinutes(10)), CPU);
    }

    private RunningTrainer start(KubernetesSettings settings, Slot slot) throws IOException {
        return executor(settings).start(ATTEMPT, WORK, slot);
    }

    private KubernetesExecutor executor(KubernetesSettings settings) {
        return executor(client, settings);
    }

    private KubernetesExecutor executor(KubernetesClient client, KubernetesSettings settings) {
        return new KubernetesExecutor(
                client,
                settings,
                command,
                new TrainerJob(settings, Path.of("/data"), new TrainerJob.Owner("worker-0", "uid-1")));
    }

    private static KubernetesSettings settings(String queue, Duration pending) {
        // A busy machine may take longer than 10 s to accept a connection.
        return settings(queue, pending, Duration.ofMinutes(2));
    }

    private static KubernetesSettings settings(String queue, Duration pending, Duration patience) {
        return new KubernetesSettings(
                "test",
                "registry/anneal:1",
                null,
                List.of(),
                "anneal-data",
                queue,
                "trainer",
                new KubernetesSettings.Resources(null, null, "8Gi", "16Gi"),
                "nvidia.com/gpu",
                Map.of("pool", "gpu"),
                List.of(new KubernetesSettings.Toleration("nvidia.com/gpu", "Exists", null, "NoSchedule")),
                10001,
                pending,
                patience,
                Duration.ofHours(1));
    }

    private Job job() {
        return client.batch().v1().jobs().inNamespace("test").withName(JOB).get();
    }

    private static ContainerState terminated(int exit, String reason) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exit)
                .withReason(reason)
                .endTerminated()
                .build();
    }

    private Pod pod(ContainerState state) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName("pod-1")
                .withLabels(job().getSpec().getTemplate().getMetadata().getLabels())
                .withCreationTimestamp("2026-11-24T21:00:00Z")
                .endMetadata()
                .withNewStatus()
                .withPhase("Pending")
                .addNewContainerStatus()
                .withName("trainer")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build();
        pod.getMetadata().setNamespace("test");
        return client.pods().inNamespace("test").resource(pod).create();
    }

    private void log(String text) {
        for (String since : List.of("", "sinceTime=2026-11-24T21%3A00%3A02Z&", "sinceTime=2026-11-24T21:00:02Z&")) {
            server.expect()
                    .get()
                    .withPath("/api/v1/namespaces/test/pods/pod-1/log?pretty=false&container=trainer&" + since
                            + "timestamps=true&follow=true")
                    .andReturn(200, text)
                    .always();
        }
    }

    private int follow(RunningTrainer trainer) throws IOException {
        return trainer.follow((type, data) -> events.add(type + " " + data), logged::add);
    }

    private int followUnchecked(RunningTrainer trainer) {
        try {
            return follow(trainer);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
