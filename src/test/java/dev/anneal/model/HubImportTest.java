package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.files.ArrivingFile;
import dev.anneal.files.DiskRoom;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.check.ModelChecks;
import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.Hub;
import dev.anneal.model.source.HubSource;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Imports from a hub that speaks the protocol over HTTP, well and badly. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.hub.token=hf_secret",
            "anneal.hub.allow=acme/*,exact/one",
            "anneal.import.backoff=5ms",
            "anneal.import.retries=3",
            "anneal.import.heartbeat=20ms",
            "anneal.import.poll=50ms",
            "anneal.import.max-bytes=8MB",
            "anneal.events.poll=20ms"
        })
class HubImportTest {
    private static final FakeHub HUB = new FakeHub();
    private static Path tiny;

    @Autowired
    Api api;

    @Autowired
    ModelImporter importer;

    @Autowired
    MeterRegistry meters;

    @Autowired
    Hub hub;

    @Autowired
    ImportSettings settings;

    @Autowired
    ArtifactStore store;

    @Autowired
    ImportWorkspaces workspaces;

    @Autowired
    ModelChecks checks;

    @Autowired
    ApplicationEventPublisher publisher;

    @Autowired
    ModelImports imports;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    DataDirectory data;

    @Autowired
    TorchSettings torch;

    @Autowired
    ChildJvm children;

    @DynamicPropertySource
    static void hub(DynamicPropertyRegistry registry) {
        registry.add("anneal.hub.endpoint", HUB::endpoint);
    }

    @BeforeAll
    static void makeModel() throws IOException {
        tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        Files.writeString(tiny.resolve("README.md"), "---\nlicense: mit\n---\n# A tiny model");
        Files.writeString(tiny.resolve("modeling.py"), "not needed either");
        HUB.serve("acme/tiny", tiny);
        HUB.serve("exact/one", tiny);
    }

    @AfterAll
    static void closeHub() {
        HUB.close();
    }

    @AfterEach
    void leaveNothing() {
        HUB.reset();
        jdbc.sql("delete from jobs").update(); // a job would keep its model
        for (JsonNode model : api.get("/api/v1/models?kind=base").json().get("data")) {
            api.delete("/api/v1/models/" + model.get("id").asString());
        }
    }

    @Test
    void aRedirectToAnAddressThatIsNotAllowedIsNotFollowed() {
        HUB.storageAt("127.0.0.2");
        JsonNode model = await(post("{\"source\":\"hf:acme/tiny\"}").text("id"));

        assertThat(model.get("error").get("code").asString()).as("%s", model).isEqualTo("hub_address_refused");
        assertThat(model.get("error").get("message").asString()).contains("127.0.0.2", "anneal.outbound.allow");
        assertThat(HUB.seen).noneMatch(request -> request.host().equals("storage"));
    }

    @Test
    void anImportWhoseCheckIsKilledIsRetried() {
        String id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
        CheckKills.killNext();
        Awaitility.await()
                .until(() -> meters.get("anneal.imports.running").gauge().value() == 0);
        jdbc.sql("update models set lease_until = now() - interval '1 second' where id = ?")
                .param(id)
                .update();

        JsonNode model = await(id);

        assertThat(model.get("status").asString()).as("%s", model).isEqualTo("ready");
        assertThat(api.get("/api/v1/models/" + id + "/events").json().toString())
                .contains("\"attempt\":2");
    }

    @Test
    void aModelOfTheHubBecomesABaseModelThatJobsCanName() {
        Answer created = post("{\"source\":\"hf:acme/tiny\"}");
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.headers().firstValue("Location")).contains("/api/v1/models/" + created.text("id"));

        JsonNode model = await(created.text("id"));
        assertThat(model.get("status").asString()).as("%s", model).isEqualTo("ready");
        assertThat(model.get("name").asString()).isEqualTo("acme/tiny");
        assertThat(model.get("kind").asString()).isEqualTo("base");
        assertThat(model.get("source").asString()).isEqualTo("hf:acme/tiny");
        assertThat(model.get("revision").asString()).isEqualTo(FakeHub.COMMIT);
        assertThat(model.get("architecture").asString()).isEqualTo("bert");
        JsonNode progress = model.get("progress");
        assertThat(progress.get("downloaded_bytes")).isEqualTo(progress.get("total_bytes"));

        assertThat(HUB.seen.stream().map(FakeHub.Seen::path))
                .noneMatch(path -> path.endsWith(".py") || path.contains("outside"));
        assertThat(post("{\"source\":\"hf:acme/tiny\"}").code()).isEqualTo("name_taken");
        assertThat(post("{\"source\":\"hf:exact/one\",\"name\":\"acme/tiny\"}").code())
                .isEqualTo("name_taken");

        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        Answer job = api.post("/api/v1/jobs", Json.write(Map.of("base_model", "acme/tiny", "dataset", dataset)));
        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        String path = "/api/v1/models/" + created.text("id");
        assertThat(api.get(path + "/download").status()).isEqualTo(200);
        assertThat(api.delete(path).code()).isEqualTo("model_in_use");
        api.post("/api/v1/jobs/" + job.text("id") + "/cancel");
        assertThat(api.delete(path).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(data.file("artifacts/imports/" + created.text("id"))).doesNotExist();
    }

    @Test
    void theTokenGoesToTheHubAndToNoOtherHost() {
        assertThat(importTiny().get("status").asString()).isEqualTo("ready");

        assertThat(HUB.seen).anyMatch(request -> request.host().equals("storage"));
        for (FakeHub.Seen request : HUB.seen) {
            assertThat(request.authorization())
                    .as("%s", request)
                    .isEqualTo(request.host().equals("hub") ? "Bearer hf_secret" : null);
        }
    }

    @Test
    void aDownloadContinuesAfterABrokenConnection() {
        HUB.drop(6, 200_000); // more often than there are tries, but each brings something

        assertThat(importTiny().get("status").asString()).isEqualTo("ready");
        assertThat(HUB.ranges()).isNotEmpty().allMatch(range -> !range.equals("bytes=0-"));
    }

    @Test
    void aHubThatGivesNoPartsIsReadFromTheStart() {
        HUB.withoutRanges();
        HUB.drop(2, 400_000);

        assertThat(importTiny().get("status").asString()).isEqualTo("ready");
    }

    @Test
    void anImportContinuesAfterARestartOfTheServer() throws Exception {
        CountDownLatch reached = HUB.waitAfter(500_000);
        String id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        Path part = data.file("imports/" + id + "/" + FakeHub.COMMIT + "/model.safetensors.part");
        Awaitility.await().until(() -> Files.exists(part) && Files.size(part) > 0); // what was sent may be under way
        importer.stop();
        try {
            assertThat(model(id).get("status").asString()).isEqualTo("importing");
            assertThat(part).isNotEmptyFile();
            HUB.goOn();
        } finally {
            importer.start();
        }

        assertThat(await(id).get("status").asString()).isEqualTo("ready");
        assertThat(HUB.ranges()).isNotEmpty();
        assertThat(data.file("imports/" + id)).doesNotExist();
    }

    @Test
    void anImportThatTheServerStopsWhileItWritesAFileIsContinuedByTheNextServer() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        ArtifactStore slow = (ArtifactStore) Proxy.newProxyInstance(
                ArtifactStore.class.getClassLoader(),
                new Class<?>[] {ArtifactStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("put")) {
                        reached.countDown();
                        writeUntilTheServerStops((Path) arguments[1]);
                    }
                    return method.invoke(store, arguments);
                });
        importer.stop();
        ModelImporter stopped = new ModelImporter(
                imports, hub, settings, slow, workspaces, checks, children, new SimpleMeterRegistry(), publisher);
        String id;
        try {
            stopped.start();
            id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
            stopped.stop();
            assertThat(model(id).get("status").asString()).isEqualTo("importing");
        } finally {
            stopped.stop();
            importer.start();
        }

        assertThat(await(id).get("status").asString()).isEqualTo("ready");
    }

    @Test
    void aServerWhoseProgramWasReplacedLeavesImportsToOthers() throws Exception {
        Semaphore looks = new Semaphore(0);
        ChildJvm ofAnotherVersion = new ChildJvm(data, torch) {
            @Override
            public boolean isProgramReplaced() {
                looks.release();
                return true;
            }
        };
        importer.stop();
        ModelImporter replaced = new ModelImporter(
                imports,
                hub,
                settings,
                store,
                workspaces,
                checks,
                ofAnotherVersion,
                new SimpleMeterRegistry(),
                publisher);
        String id;
        try {
            replaced.start();
            id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
            looks.drainPermits();
            assertThat(looks.tryAcquire(2 * settings.parallel(), 60, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(jdbc.sql("select lease_until is null from models where id = :id")
                            .param("id", id)
                            .query(Boolean.class)
                            .single())
                    .as("no process has claimed it")
                    .isTrue();
        } finally {
            replaced.stop();
            importer.start();
        }

        assertThat(await(id).get("status").asString()).isEqualTo("ready");
    }

    /** The interrupt closes the file. */
    private static void writeUntilTheServerStops(Path directory) {
        ArrivingFile.run(directory.resolve("written"), () -> {
            try (FileChannel file = FileChannel.open(
                    directory.resolve("written"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.DELETE_ON_CLOSE,
                    StandardOpenOption.WRITE)) {
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.park();
                }
                file.force(true);
                return file;
            }
        });
    }

    @Test
    void deletingAModelThatIsImportedCancelsIt() throws Exception {
        CountDownLatch reached = HUB.waitAfter(500_000);
        String id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        assertThat(api.post("/api/v1/jobs", Json.write(Map.of("base_model", "acme/tiny", "dataset", dataset)))
                        .code())
                .isEqualTo("model_not_ready");
        assertThat(api.get("/api/v1/models/" + id + "/download").code()).isEqualTo("model_not_ready");

        assertThat(api.delete("/api/v1/models/" + id).status()).isEqualTo(204);
        importer.stop(); // returns when the import has ended
        importer.start();
        HUB.goOn();
        assertThat(api.get("/api/v1/models/" + id).status()).isEqualTo(404);
        assertThat(data.file("imports/" + id)).doesNotExist();
        assertThat(data.file("artifacts/imports/" + id)).doesNotExist();
    }

    @Test
    void aHubThatLiesAboutAHashIsNamed() {
        HUB.corrupt();
        failsWith("hub_hash_mismatch", "model.safetensors");
    }

    @Test
    void aHubThatContradictsItsOwnHashIsNamed() {
        HUB.lie(sibling -> sibling.putObject("lfs").put("sha256", "0".repeat(64)));
        failsWith("hub_hash_mismatch", "model.safetensors");
    }

    @Test
    void aHubThatLiesAboutASizeIsNamed() {
        HUB.lie(sibling -> sibling.withObject("lfs").put("size", 17));
        failsWith("hub_size_mismatch", "model.safetensors");
    }

    @Test
    void aModelAboveTheSizeLimitIsRefusedBeforeItIsFetched() {
        HUB.lie(sibling -> sibling.withObject("lfs").put("size", 9L << 20));
        failsWith("model_too_large", "anneal.import.max-bytes");
        assertThat(HUB.seen).noneMatch(request -> request.path().endsWith(".safetensors"));
    }

    @Test
    void aHubThatIsBusyIsAskedAgain() {
        HUB.answerWith("/revision/main", 429, 503);
        HUB.answerWith("config.json", 500);
        HUB.answerWith("model.safetensors", 429);

        assertThat(importTiny().get("status").asString()).isEqualTo("ready");
    }

    @Test
    void ofTwoImportsThatTakeANameAtTheSameTimeTheSecondIsRefused() {
        CompletableFuture<String> second = transactions.execute(first -> {
            imports.submit(tinyRequest(), "default");
            var submitted = CompletableFuture.supplyAsync(() -> imports.submit(tinyRequest(), "default"));
            Awaitility.await()
                    .until(() -> jdbc.sql("select count(*) from pg_locks where not granted")
                                    .query(Integer.class)
                                    .single()
                            > 0);
            return submitted;
        });

        assertThatThrownBy(second::join)
                .hasCauseInstanceOf(Problem.class)
                .hasMessageContaining("has the name 'acme/tiny' already.");
    }

    @Test
    void anotherViolationOfTheDatabaseIsNotReportedAsATakenName() {
        assertThatThrownBy(() -> imports.submit(tinyRequest(), "prj_unknown"))
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    private static ImportRequest tinyRequest() {
        return new ImportRequest(new HubSource("acme/tiny", "main"), "acme/tiny");
    }

    @Test
    void aBusyHubFailsTheImportAndTheNextImportContinuesTheDownload() {
        HUB.answerWith("model.safetensors", 503, 503, 503, 503);
        failsWith("hub_unreachable", "503");
        HUB.seen.clear();

        assertThat(importTiny().get("status").asString()).isEqualTo("ready");
        assertThat(HUB.seen).noneMatch(request -> request.path().endsWith("/tokenizer.json"));
    }

    @Test
    void anErrorOfTheHubSaysWhatToDo() {
        HUB.answerWith("/revision/main", 401);
        failsWith("hub_unauthorized", "anneal.hub.token");
        HUB.answerWith("/revision/main", 403);
        failsWith("hub_unauthorized", "anneal.hub.token");
        HUB.answerWith("/revision/main", 404);
        failsWith("hub_not_found", "acme/tiny");
    }

    @Test
    void onlyModelsOfTheListAreImported() {
        Answer refused = post("{\"source\":\"hf:other/tiny\"}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("source_not_allowed");
        assertThat(refused.detail()).contains("acme/*");
        assertThat(post("{\"source\":\"hf:exact/one-more\"}").code()).isEqualTo("source_not_allowed");
        assertThat(HUB.seen).isEmpty();
        assertThat(await(post("{\"source\":\"hf:exact/one\"}").text("id"))
                        .get("status")
                        .asString())
                .isEqualTo("ready");
    }

    @Test
    void anInvalidSourceIsRefusedAtOnce() {
        for (String source : List.of("acme/tiny", "hf:", "hf:a/b/c", "hf:../x", "hf:acme/..", "https://x/y")) {
            assertThat(post(Json.write(Map.of("source", source))).code())
                    .as(source)
                    .isEqualTo("invalid_source");
        }
        assertThat(post("{\"source\":\"hf:acme/tiny\",\"revision\":\"../main\"}")
                        .code())
                .isEqualTo("invalid_revision");
        assertThat(post("{\"source\":\"hf:acme/tiny\",\"name\":\"mdl_1\"}").code())
                .isEqualTo("invalid_name");
        assertThat(post("{\"source\":\"hf:acme/tiny\",\"sorce\":1}").code()).isEqualTo("unknown_field");
    }

    @Test
    void aModelWithOnlyPicklesOrWithCodeIsRefused() throws IOException {
        Path pickles = copy();
        Files.move(pickles.resolve("model.safetensors"), pickles.resolve("pytorch_model.bin"));
        HUB.serve("acme/pickles", pickles);
        assertThat(error("acme/pickles")).contains("no_safetensors", "pytorch_model.bin");

        Path code = copy();
        Files.writeString(code.resolve("config.json"), "{\"auto_map\":{\"AutoModel\":\"modeling.Model\"}}");
        HUB.serve("acme/code", code);
        assertThat(error("acme/code")).contains("custom_code", "auto_map");

        Path other = copy();
        Files.writeString(other.resolve("config.json"), "{\"model_type\":\"convnext\"}");
        HUB.serve("acme/other", other);
        assertThat(error("acme/other")).contains("invalid_model");

        Path shards = copy();
        Files.delete(shards.resolve("model.safetensors"));
        Files.writeString(
                shards.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"../x.safetensors\"}}");
        HUB.serve("acme/shards", shards);
        assertThat(error("acme/shards")).contains("invalid_model", "../x.safetensors");
    }

    @Test
    void aModelInShardsIsImportedCompletely() throws IOException {
        Path shards = TestServer.newDirectory();
        for (String from : List.of("llama", "llama-sharded")) {
            try (Stream<Path> files = Files.list(Path.of("src/test/resources/models", from))) {
                for (Path file : files.filter(file -> !file.endsWith("model.safetensors"))
                        .toList()) {
                    Files.copy(file, shards.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        HUB.serve("acme/shards-2", shards);
        HUB.drop(1, 8_192);

        JsonNode model = await(post("{\"source\":\"hf:acme/shards-2\"}").text("id"));
        assertThat(model.get("status").asString()).as("%s", model).isEqualTo("ready");
        assertThat(model.get("size_bytes").asLong())
                .isEqualTo(Files.size(shards.resolve("model-00001-of-00002.safetensors"))
                        + Files.size(shards.resolve("model-00002-of-00002.safetensors")));
        assertThat(HUB.ranges()).isNotEmpty();
    }

    @Test
    void eventsReportAnImportAndTheStreamEndsWithIt() {
        String id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
        await(id);

        JsonNode events =
                api.get("/api/v1/models/" + id + "/events?limit=1000").json().get("data");
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).get("id").asInt()).isEqualTo(i + 1);
        }
        assertThat(events.valueStream()
                        .map(event -> event.get("data").path("status").asString("")))
                .containsSubsequence("importing", "importing", "ready");
        assertThat(events.valueStream().map(event -> event.get("type").asString()))
                .contains("progress");
        api.stream(
                "/api/v1/models/" + id + "/events",
                String.valueOf(events.size() - 1),
                lines ->
                        assertThat(lines.filter(line -> line.startsWith("id:"))).hasSize(1));
    }

    @Test
    void oneServerRunsAnImportAndAnotherTakesItOverIfItIsLost() {
        importer.stop();
        long waiting = imports.waiting();
        try {
            String id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
            assertThat(imports.waiting()).isEqualTo(waiting + 1);
            ModelImports.Claim first = imports.claim(Set.of()).orElseThrow();
            assertThat(imports.waiting()).isEqualTo(waiting);
            assertThat(imports.claim(Set.of())).isEqualTo(Optional.empty());
            jdbc.sql("update models set lease_until = now() - interval '1 second' where id = ?")
                    .param(id)
                    .update();
            ModelImports.Claim second = imports.claim(Set.of()).orElseThrow();

            assertThat(second.attempt()).isEqualTo(2);
            DownloadState.Progress none = new DownloadState.Progress(0, null, null);
            assertThat(imports.renew(first, none, false)).isFalse();
            assertThat(imports.fail(first, "late", "Late.", true)).isFalse();
            assertThat(imports.renew(second, none, false)).isTrue();
            imports.release(second);
            importer.start();
            assertThat(await(id).get("status").asString()).isEqualTo("ready");
        } finally {
            if (!importer.isRunning()) {
                importer.start();
            }
        }
    }

    @Test
    void aTokenizerThatEndsItsProcessFailsTheImportAndNothingElse() throws IOException {
        Path broken = copy();
        ObjectNode tokenizer = (ObjectNode) Json.MAPPER.readTree(Files.readString(broken.resolve("tokenizer.json")));
        tokenizer.putObject("normalizer").put("type", "Precompiled").put("precompiled_charsmap", "AAAA");
        Files.writeString(broken.resolve("tokenizer.json"), Json.write(tokenizer));
        HUB.serve("acme/broken", broken);

        JsonNode model = await(post("{\"source\":\"hf:acme/broken\"}").text("id"));

        assertThat(model.get("error").toString())
                .contains("invalid_model", "tokenizer.json: 'normalizer' cannot be used");
        awaitNoFiles(model.get("id").asString());
    }

    private void awaitNoFiles(String id) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(data.file("imports/" + id)).doesNotExist());
    }

    @Test
    void theFilesOfAFailedImportAreRemovedIfAnotherModelTakesItsName() throws IOException {
        HUB.answerWith("model.safetensors", 503, 503, 503, 503);
        String failed = importTiny().get("id").asString();
        assertThat(data.file("imports/" + failed)).isNotEmptyDirectory();

        JsonNode other = await(
                post("{\"source\":\"hf:exact/one\",\"name\":\"acme/tiny\"}").text("id"));

        assertThat(other.get("status").asString()).as("%s", other).isEqualTo("ready");
        awaitNoFiles(failed);
    }

    @Test
    void slowImportsOfOneProjectDoNotDelayThoseOfOthers() throws Exception {
        CountDownLatch reached = HUB.waitAfter(8192);
        List<String> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            slow.add(post("{\"source\":\"hf:acme/tiny\",\"name\":\"slow-" + i + "\"}")
                    .text("id"));
        }
        reached.await();
        Awaitility.await()
                .until(() -> meters.get("anneal.imports.running").gauge().value() == 2);
        jdbc.sql("insert into projects (id, name) values ('other', 'other')").update();
        try {
            String other =
                    imports.submit(new ImportRequest(new HubSource("acme/missing", "main"), "acme/missing"), "other");
            importer.wake();

            Awaitility.await().until(() -> status(other).equals("failed"));
            assertThat(slow).allSatisfy(id -> assertThat(status(id)).isEqualTo("importing"));
            HUB.goOn();
            slow.forEach(id -> assertThat(await(id).get("status").asString()).isEqualTo("ready"));
        } finally {
            jdbc.sql("delete from models where project = 'other'").update();
            jdbc.sql("delete from projects where id = 'other'").update();
        }
    }

    private String status(String model) {
        return jdbc.sql("select status from models where id = ?")
                .param(model)
                .query(String.class)
                .single();
    }

    @Test
    void aFileThatCannotBeWrittenIsNotAFaultOfTheHub() throws IOException {
        String id;
        importer.stop();
        try {
            id = post("{\"source\":\"hf:acme/tiny\"}").text("id");
            Path part = data.directory("imports/" + id + "/" + FakeHub.COMMIT).resolve("model.safetensors.part");
            Files.createDirectories(part.resolve("not a file"));
        } finally {
            importer.start();
        }

        JsonNode error = await(id).get("error");

        assertThat(error.get("code").asString()).as("%s", error).isEqualTo("storage_failed");
        assertThat(error.toString()).doesNotContain("/", "directory");
    }

    @Test
    void anImportForWhichTheDiskHasNoRoomSaysSo() throws IOException {
        try (DiskRoom others = DiskRoom.reserve(data.directory("imports"), 0)) {
            others.putBack(1L << 60);

            assertThat(error("acme/tiny")).contains("disk_full", "Free disk space");
        }
        assertThat(importTiny().get("status").asString()).isEqualTo("ready");
    }

    @Test
    void anImportForWhichItsProjectHasNoStorageFailsBeforeTheWeightsAreFetched() throws IOException {
        limitStorage(String.valueOf(Files.size(tiny.resolve("model.safetensors")) - 1));
        try {
            JsonNode model = await(ofDefault().text("id"));

            assertThat(model.at("/error/code").asString()).as("%s", model).isEqualTo("storage_full");
            assertThat(model.at("/error/message").asString()).contains("max_storage_bytes of the project");
            assertThat(HUB.seen).noneMatch(request -> request.path().endsWith(".safetensors"));
            limitStorage("0");
            assertThat(ofDefault().code()).isEqualTo("storage_full");
        } finally {
            limitStorage("null");
        }
        assertThat(await(ofDefault().text("id")).get("status").asString()).isEqualTo("ready");
    }

    /** The hub may not give a size, and something else may need the storage meanwhile. */
    @Test
    void anImportForWhichItsProjectHasNoStorageLeftFailsAtItsEnd() throws IOException {
        HUB.lie(sibling -> {
            sibling.remove("size");
            sibling.withObject("lfs").remove("size");
        });
        limitStorage(String.valueOf(Files.size(tiny.resolve("model.safetensors")) - 1));
        try {
            assertThat(await(ofDefault().text("id")).at("/error/code").asString())
                    .isEqualTo("storage_full");
        } finally {
            limitStorage("null");
        }
    }

    private void limitStorage(String bytes) {
        api.patch("/api/v1/projects/default", "{\"limits\":{\"max_storage_bytes\":" + bytes + "}}");
    }

    private Answer ofDefault() {
        return api.post("/api/v1/models", "{\"source\":\"hf:acme/tiny\"}", "Anneal-Project", "default");
    }

    /** An import that ends the server each time it runs must not be tried for ever. */
    @Test
    void anImportThatIsInterruptedAgainAndAgainFails() {
        HUB.serve("acme/often", tiny);
        String id;
        importer.stop();
        try {
            id = post("{\"source\":\"hf:acme/often\"}").text("id");
            jdbc.sql("update models set attempt = 20 where id = ?").param(id).update();
        } finally {
            importer.start();
        }
        JsonNode model = await(id);
        assertThat(model.get("error").get("code").asString()).isEqualTo("import_interrupted");
    }

    private Path copy() throws IOException {
        Path copy = TestServer.newDirectory();
        try (Stream<Path> files = Files.list(tiny)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return copy;
    }

    private String error(String repository) {
        JsonNode model = await(post("{\"source\":\"hf:" + repository + "\"}").text("id"));
        assertThat(model.get("status").asString()).isEqualTo("failed");
        return model.get("error").toString();
    }

    private void failsWith(String code, String words) {
        JsonNode model = importTiny();
        assertThat(model.get("status").asString()).isEqualTo("failed");
        assertThat(model.get("error").get("code").asString()).as("%s", model).isEqualTo(code);
        assertThat(model.get("error").get("message").asString()).contains(words);
    }

    private JsonNode importTiny() {
        return await(post("{\"source\":\"hf:acme/tiny\"}").text("id"));
    }

    private Answer post(String body) {
        return api.post("/api/v1/models", body);
    }

    /** Follows the import to its end. */
    private JsonNode await(String id) {
        api.stream("/api/v1/models/" + id + "/events", null, Stream::count);
        return model(id);
    }

    private JsonNode model(String id) {
        return api.get("/api/v1/models/" + id).json();
    }
}
