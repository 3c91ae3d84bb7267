package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** A store far away holds up neither connections nor what is done at intervals, and what it cannot delete is deleted later. */
@ServerTest
@Import(SlowStoreTest.Watched.class)
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.checkpoints.grace=0s"})
class SlowStoreTest {
    /** True for each file that was asked for within a transaction. */
    private static final List<Boolean> gets = new CopyOnWriteArrayList<>();

    private static volatile boolean away;

    /** True for each removal within a transaction. */
    private static final List<Boolean> deletes = new CopyOnWriteArrayList<>();

    private static volatile boolean failsAfterDelete;

    /** Runs once after files were stored. */
    private static volatile @Nullable Runnable afterPut;

    @TestConfiguration
    static class Watched {
        @Bean
        static BeanPostProcessor watchedStore() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof ArtifactStore ? watched(bean) : bean;
                }
            };
        }

        private static Object watched(Object store) {
            return Proxy.newProxyInstance(
                    Watched.class.getClassLoader(),
                    new Class<?>[] {ArtifactStore.class},
                    (proxy, method, arguments) -> {
                        if (away) {
                            throw new StoreUnavailableException(
                                    "cannot reach the bucket", new IOException("connection refused"));
                        }
                        if (method.getName().equals("get")) {
                            gets.add(TransactionSynchronizationManager.isActualTransactionActive());
                        }
                        if (method.getName().equals("delete")) {
                            deletes.add(TransactionSynchronizationManager.isActualTransactionActive());
                        }
                        try {
                            Object answer = method.invoke(store, arguments);
                            if (failsAfterDelete && method.getName().equals("delete")) {
                                throw new StoreUnavailableException(
                                        "cannot reach the bucket", new IOException("connection reset"));
                            }
                            return answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        } finally {
                            Runnable then = afterPut;
                            if (then != null && method.getName().equals("put")) {
                                afterPut = null;
                                then.run();
                            }
                        }
                    });
        }
    }

    @Autowired
    Api api;

    @Autowired
    JobFiles files;

    @Autowired
    ArtifactStore store;

    @Autowired
    ModelUpload uploads;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TaskScheduler scheduler;

    @Test
    void theFilesOfABaseModelAreReadOutsideOfATransaction() {
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        String job = "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}";
        for (String path : List.of("/api/v1/jobs", "/api/v1/jobs/estimate")) {
            gets.clear();
            assertThat(api.post(path, job, "Idempotency-Key", path).status()).isBetween(200, 201);
            assertThat(gets).first().isEqualTo(false); // later ones find them on the disk
        }
    }

    @Test
    void theFilesOfADeletedModelAreDeletedWhenTheStoreIsAvailable() throws IOException {
        var tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        String id = api.uploadTo("/api/v1/models", "tiny.zip", Zips.of(tiny, "").bytes(), Map.of("name", "acme/tiny"))
                .text("id");
        away = true;
        try {
            assertThat(api.delete("/api/v1/models/" + id).status()).isEqualTo(204);
        } finally {
            away = false;
        }
        assertThat(store.has("imports/" + id)).isTrue();

        files.sweep();
        assertThat(store.has("imports/" + id)).isFalse();
    }

    /** Another process sweeps the files while this one does not reach the database. */
    @Test
    void anUploadWhoseFilesWereRemovedMeanwhileIsRefused() throws IOException {
        var tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("swept"));
        byte[] zip = Zips.of(tiny, "").bytes();
        afterPut = () -> {
            files.sweep();
            uploads.renew();
        };

        Answer refused = api.inAnOutage().uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "acme/swept"));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("database_unavailable");
        assertThat(refused.detail()).contains("were removed as unused. Send the request again.");
        assertThat(api.get("/api/v1/models/acme%2Fswept").status()).isEqualTo(404);
        Answer again = api.uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "acme/swept"));
        assertThat(again.status()).as("%s", again.json()).isEqualTo(201);
        files.sweep();
        assertThat(store.has("imports/" + again.text("id"))).isTrue();
    }

    @Test
    void noModelNamesFilesWhoseRemovalFailedHalfway() throws IOException {
        var tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("half"));
        byte[] zip = Zips.of(tiny, "").bytes();
        deletes.clear();
        afterPut = () -> {
            failsAfterDelete = true;
            files.sweep();
            failsAfterDelete = false;
            uploads.renew();
        };

        Answer refused = api.inAnOutage().uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "acme/half"));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(503);
        assertThat(refused.detail()).contains("were removed as unused. Send the request again.");
        assertThat(deletes).first().as("a removal holds no connection").isEqualTo(false);
        assertThat(api.get("/api/v1/models/acme%2Fhalf").status()).isEqualTo(404);
        assertThat(jdbc.sql("select count(*) from job_files where removing_since is not null")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        files.sweep();
        assertThat(jdbc.sql("select count(*) from job_files where removing_since is not null")
                        .query(Long.class)
                        .single())
                .as("the next sweep retries the removal")
                .isZero();
    }

    @Test
    void scheduledWorkRunsBesideTwoSweeps() throws InterruptedException {
        CountDownLatch swept = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            scheduler.schedule(
                    () -> {
                        try {
                            swept.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    Instant.now());
        }
        scheduler.schedule(done::countDown, Instant.now());

        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        swept.countDown();
    }
}
