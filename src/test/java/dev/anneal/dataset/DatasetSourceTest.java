package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReceivedFilesTest;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.SourceServer;
import dev.anneal.text.Sha256;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Datasets of files that the server fetches: from a URL, or from a repository of a hub. */
@ServerTest
@Timeout(300)
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.outbound.allow=127.0.0.1",
            "anneal.hub.allow=acme/*",
            "anneal.import.backoff=5ms",
            "anneal.import.retries=1",
            "anneal.source.backoff=5ms",
            "anneal.source.retries=1",
            "anneal.validation.heartbeat=50ms",
            "anneal.validation.lease=2s",
            "anneal.validation.poll=100ms",
            "anneal.validation.max-sources=2"
        })
class DatasetSourceTest extends ReceivedFilesTest {
    private static final SourceServer SERVER = new SourceServer();
    private static final String[] ASYNC = {"Prefer", "respond-async"};
    private static final String ROWS = "text;stars\ngood;5\nfine;5\nbad;1\nawful;1\n";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    MeterRegistry meters;

    @DynamicPropertySource
    static void hub(DynamicPropertyRegistry registry) {
        registry.add("anneal.hub.endpoint", () -> SERVER.url(""));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private Answer create(Map<String, String> form, String... headers) {
        return api.uploadTo("/api/v1/datasets", List.of(), form, headers);
    }

    private Answer create(String source, String... headers) {
        return create(Map.of("source", source), headers);
    }

    /** Makes a dataset of a path of the server, whose rows are as those of ROWS. */
    private Answer stars(String path, String... headers) {
        return create(Map.of("source", SERVER.url(path), "columns", "{\"label\":\"stars\"}"), headers);
    }

    private JsonNode awaitEnd(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> api.get("/api/v1/datasets/" + id).json(),
                        dataset -> !dataset.get("status").asString().equals("validating"));
    }

    /** Makes a path whose answer begins, and ends when the latch says so. */
    private static CountDownLatch slow(String path) {
        CountDownLatch end = new CountDownLatch(1);
        SERVER.on(path, exchange -> {
            exchange.sendResponseHeaders(200, ROWS.length());
            exchange.getResponseBody().write(ROWS.getBytes(UTF_8), 0, 5);
            exchange.getResponseBody().flush();
            await(end);
            exchange.getResponseBody().write(ROWS.getBytes(UTF_8), 5, ROWS.length() - 5);
        });
        return end;
    }

    private static void await(CountDownLatch end) {
        try {
            end.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFileAtAUrlBecomesADatasetWithTheOptionsOfAnUpload() {
        SERVER.serve("/files/stars.csv", ROWS.getBytes(UTF_8));

        Answer created = create(Map.of(
                "source",
                SERVER.url("/files/stars.csv?token=secret"),
                "columns",
                "{\"label\":\"stars\"}",
                "label_names",
                "{\"1\":\"bad\",\"5\":\"good\"}",
                "split",
                "{\"validation\":0,\"test\":0.5}"));

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("stars.csv");
        assertThat(created.text("source")).isEqualTo(SERVER.url("/files/stars.csv"));
        assertThat(created.json().get("revision").isNull()).isTrue();
        assertThat(created.text("sha256")).isEqualTo(Sha256.of(ROWS));
        assertThat(Uploads.labels(created.json())).isEqualTo(Map.of("bad", 2, "good", 2));
        assertThat(created.json().get("splits").toString()).isEqualTo("{\"train\":2,\"validation\":0,\"test\":2}");
        assertThat(created.json().get("size_bytes").asInt()).isEqualTo(ROWS.length());
        assertThat(created.json().get("files").get(0).get("delimiter").asString())
                .isEqualTo(";");
    }

    @Test
    void aRepositoryBecomesADatasetWithItsSplitsAndItsVersionsLeadBackToTheCommit() {
        Map<String, byte[]> parquet = parquet();
        SERVER.dataset(
                "acme/parquet",
                "v1",
                Map.of(
                        "data/train-00000-of-00001.parquet", parquet.get("train"),
                        "data/test-00000-of-00001.parquet", parquet.get("test")));

        Answer created = create(Map.of("source", "hf:acme/parquet", "revision", "v1"));

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("acme/parquet");
        assertThat(created.text("source")).isEqualTo("hf:acme/parquet");
        assertThat(created.text("revision")).startsWith("89abcdef");
        assertThat(created.json().get("splits").toString()).isEqualTo("{\"train\":4,\"validation\":0,\"test\":1}");
        JsonNode file = created.json().get("files").get(1);
        assertThat(file.get("split").asString()).isEqualTo("train");
        assertThat(file.get("sha256").asString()).isEqualTo(sha256(parquet.get("train")));
        assertThat(new Uploads(api).rows(created.json())).contains("{\"text\":\"e\",\"label\":\"x\"}");
        String version = api.post(
                        "/api/v1/datasets/" + created.text("id") + "/versions", "{\"steps\":[{\"type\":\"strip\"}]}")
                .text("id");
        JsonNode lineage =
                api.get("/api/v1/datasets/" + version + "/lineage").json().get("data");
        assertThat(lineage.get(0).get("source").isNull()).isTrue();
        for (String fact : List.of("source", "revision", "sha256")) {
            assertThat(lineage.get(1).get(fact)).isEqualTo(created.json().get(fact));
        }
    }

    @Test
    void oneOfSeveralConfigurationsMustBeNamed() {
        Map<String, byte[]> parquet = parquet();
        SERVER.dataset(
                "acme/glue",
                "main",
                Map.of(
                        "cola/train-00000-of-00001.parquet", parquet.get("train"),
                        "cola/test-00000-of-00001.parquet", parquet.get("test"),
                        "sst2/train-00000-of-00001.parquet", parquet.get("test")));

        Answer refused = create("hf:acme/glue");
        Answer created = create("hf:acme/glue/cola");

        assertThat(refused.code()).isEqualTo("config_required");
        assertThat(refused.detail()).contains("cola, sst2", "hf:org/name/sst2");
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("source")).isEqualTo("hf:acme/glue/cola");
        assertThat(created.json().get("row_count").asInt()).isEqualTo(5);
        assertThat(created.json().get("splits").get("train").asInt()).isEqualTo(4);
        assertThat(create("hf:acme/glue/mnli").code()).isEqualTo("unknown_config");
    }

    @Test
    void theFilesOfARepositoryAreThoseThatItsReadmeDeclares() {
        Map<String, byte[]> parquet = parquet();
        String readme = """
                ---
                configs:
                - config_name: default
                  data_files:
                  - split: train
                    path: data/part-*.parquet
                ---
                """;
        Map<String, byte[]> files = new HashMap<>(Map.of(
                "data/part-0.parquet", parquet.get("train"),
                "data/train-0.parquet", parquet.get("test"),
                "README.md", readme.getBytes(UTF_8)));
        SERVER.dataset("acme/declared", "main", files);

        Answer created = create("hf:acme/declared");

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("source")).isEqualTo("hf:acme/declared");
        assertThat(created.json().get("files")).hasSize(1);
        assertThat(created.json().get("files").get(0).get("name").asString()).isEqualTo("data/part-0.parquet");

        files.put("README.md", readme.replace("part-*", "gone-*").getBytes(UTF_8));
        SERVER.dataset("acme/declared", "main", files);
        Answer refused = create("hf:acme/declared");
        assertThat(refused.code()).isEqualTo("hub_malformed");
        assertThat(refused.detail()).contains("there is no file 'data/gone-*.parquet'");
    }

    /** Returns Parquet files by split, with a text and a label. */
    private Map<String, byte[]> parquet() {
        JsonNode upload = new Uploads(api)
                .good(
                        "rows.csv",
                        "text,label,split\na,x,train\nb,y,train\nc,x,train\nd,y,train\ne,x,test\nf,y,validation\n");
        String export = "/api/v1/datasets/" + upload.get("id").asString() + "/export?format=parquet&split=";
        return Map.of(
                "train", withoutSplit(api.get(export + "train").bytes()),
                "test", withoutSplit(api.get(export + "test").bytes()));
    }

    /** Renames the column, because the files have a split each. A name of the same length keeps all offsets. */
    private static byte[] withoutSplit(byte[] parquet) {
        return new String(parquet, ISO_8859_1).replace("split", "spl1t").getBytes(ISO_8859_1);
    }

    private static String sha256(byte[] content) {
        MessageDigest digest = Sha256.digest();
        digest.update(content);
        return Sha256.hex(digest);
    }

    @Test
    void aRefusalIsTheAnswerWhileTheRequestWaitsAndLeavesNoDataset() {
        SERVER.redirect("/inward.csv", "https://10.0.0.1/secret.csv");
        String before = api.get("/api/v1/datasets?limit=1").json().toString();

        Answer refused = create(SERVER.url("/inward.csv"));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("address_refused");
        assertThat(refused.detail()).contains("10.0.0.1", "anneal.outbound.allow");
        assertThat(api.get("/api/v1/datasets?limit=1").json().toString()).isEqualTo(before);
    }

    @Test
    void aRefusalRejectsTheDatasetIfNobodyWaits() {
        CountDownLatch end = new CountDownLatch(1); // a refusal that comes first is the answer
        SERVER.on("/late.csv", exchange -> {
            await(end);
            exchange.sendResponseHeaders(404, -1);
        });
        Answer accepted = create(SERVER.url("/late.csv"), ASYNC);
        assertThat(accepted.status()).isEqualTo(202);
        end.countDown();

        JsonNode dataset = awaitEnd(accepted.text("id"));

        assertThat(dataset.get("status").asString()).isEqualTo("rejected");
        assertThat(dataset.get("problem_codes").toString())
                .isEqualTo("[{\"code\":\"source_refused\",\"severity\":\"error\",\"count\":1}]");
    }

    @Test
    void aFileThatCannotBeReadIsRefusedAsAnUploadIs() {
        Map<String, byte[]> files = Map.of(
                "empty.csv", new byte[0],
                "picture.csv", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13},
                "lies.parquet", "PAR1 and nothing of it PAR1".getBytes(UTF_8));
        files.forEach((name, content) -> {
            SERVER.on("/" + name, exchange -> {
                exchange.getResponseHeaders().set("Content-Type", "image/png");
                exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
                exchange.getResponseBody().write(content);
            });

            Answer refused = create(SERVER.url("/" + name));

            assertThat(refused.status()).as("%s: %s", name, refused.json()).isEqualTo(422);
            assertThat(refused.code())
                    .isEqualTo(api.upload(name, content, Map.of()).code());
        });
    }

    @Test
    void aCompressedFileIsUnpackedWithinTheBoundsOfAnUpload() throws IOException {
        byte[] packed = gzip(ROWS.getBytes(UTF_8), 1);
        SERVER.on(
                "/packed.csv",
                exchange -> { // although the server asks for no compression
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    exchange.sendResponseHeaders(200, packed.length);
                    exchange.getResponseBody().write(packed);
                });
        byte[] bomb = gzip(("a".repeat(1 << 19) + ",b\n").getBytes(UTF_8), 80);
        SERVER.serve("/bomb.csv.gz", bomb);

        Answer created = stars("/packed.csv");
        Answer refused = stars("/bomb.csv.gz");

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.json().get("files").get(0).get("compression").asString())
                .isEqualTo("gzip");
        assertThat(refused.code()).as("%s", refused.json()).isEqualTo("compression_ratio");
        assertThat(refused.status())
                .isEqualTo(api.upload("bomb.csv.gz", bomb, Map.of()).status());
    }

    private static byte[] gzip(byte[] content, int times) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            for (int i = 0; i < times; i++) {
                out.write(content);
            }
        }
        return packed.toByteArray();
    }

    @Test
    void whileFilesAreFetchedTheDatasetShowsItAndDeletingItEndsThat() {
        CountDownLatch end = slow("/slow.csv");
        Answer accepted = stars("/slow.csv", ASYNC);
        String path = "/api/v1/datasets/" + accepted.text("id");
        assertThat(accepted.text("status")).isEqualTo("validating");
        assertThat(accepted.json().get("progress").get("phase").asString()).isEqualTo("fetching");

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                api.get(path).json().get("progress").toString())
                        .isEqualTo("{\"phase\":\"fetching\",\"read_bytes\":5,\"total_bytes\":%d,\"row_count\":0}"
                                .formatted(ROWS.length())));
        assertThat(meters.get("anneal.datasets.validating")
                        .tag("state", "fetching")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(jdbc.sql("select checking from datasets where id = ?")
                        .param(accepted.text("id"))
                        .query(Boolean.class)
                        .single())
                .as("a fetch that ends the server counts")
                .isTrue();
        assertThat(api.delete(path).status()).isEqualTo(204);

        nothingIsLeft(); // although the other server still waits
        end.countDown();
        assertThat(api.get(path).status()).isEqualTo(404);
    }

    @Test
    void whatIsFetchedIsCountedByItsResultAndSize() {
        SERVER.serve("/counted.csv", ROWS.getBytes(UTF_8));
        double bytes = meters.get("anneal.datasets.fetched").counter().count();

        assertThat(stars("/counted.csv").status()).isEqualTo(201);
        assertThat(stars("/nowhere.csv").status()).isEqualTo(422);

        assertThat(meters.get("anneal.datasets.fetched").counter().count()).isEqualTo(bytes + ROWS.length());
        for (String result : List.of("fetched", "refused")) {
            assertThat(meters.get("anneal.datasets.fetch")
                            .tag("result", result)
                            .timer()
                            .count())
                    .isPositive();
        }
    }

    @Test
    void aProjectCannotHaveAllPlacesAndARefusedRequestLeavesNoDataset() {
        CountDownLatch end = slow("/one.csv");
        Answer accepted = stars("/one.csv", ASYNC);
        String before = api.get("/api/v1/datasets?limit=1")
                .json()
                .path("data")
                .path(0)
                .path("id")
                .asString();

        assertThat(stars("/one.csv").code()).isEqualTo("too_many_uploads");
        assertThat(api.get("/api/v1/datasets?limit=1")
                        .json()
                        .path("data")
                        .path(0)
                        .path("id")
                        .asString())
                .isEqualTo(before);
        end.countDown();
        assertThat(awaitEnd(accepted.text("id")).get("status").asString()).isEqualTo("ready");
    }

    @Test
    void theSameKeyFetchesOnceAlsoWhileTheFirstRequestWaits() {
        CountDownLatch end = slow("/once.csv");
        String[] key = {"Idempotency-Key", "source-1", "Prefer", "respond-async"};

        Answer first = stars("/once.csv", key);
        Answer second = stars("/once.csv", key);
        end.countDown();

        assertThat(second.text("id")).isEqualTo(first.text("id"));
        assertThat(stars("/once.csv", "Idempotency-Key", "source-1").text("id")).isEqualTo(first.text("id"));
        assertThat(stars("/other.csv", "Idempotency-Key", "source-1").code()).isEqualTo("idempotency_key_reused");
        assertThat(awaitEnd(first.text("id")).get("status").asString()).isEqualTo("ready");
        assertThat(SERVER.count("/once.csv")).isEqualTo(1);
    }

    @Test
    void filesThatDoNotFitIntoTheStorageOfTheProjectAreRefused() {
        SERVER.serve("/much.csv", ROWS.getBytes(UTF_8));
        api.patch("/api/v1/projects/default", "{\"limits\":{\"max_storage_bytes\":1}}");
        try {
            assertThat(stars("/much.csv").code()).isEqualTo("storage_full");
        } finally {
            api.patch("/api/v1/projects/default", "{\"limits\":{\"max_storage_bytes\":null}}");
        }
        assertThat(stars("/much.csv").status()).isEqualTo(201);
    }

    /** Leaves a dataset as a server does that was killed while it fetched or checked its files. */
    private String abandoned(String source, List<Map<String, Object>> fetched, String left) {
        SERVER.serve("/abandoned.csv", ROWS.getBytes(UTF_8));
        String id = stars("/abandoned.csv").text("id");
        for (String table : List.of("dataset_rows", "dataset_problems")) {
            jdbc.sql("delete from " + table + " where dataset_id = ?").param(id).update();
        }
        jdbc.sql("""
                        update datasets set status = 'validating', task = null, format = null, sha256 = null, row_count = 0,
                            size_bytes = 3, attempt = 1, lease_until = now() + cast(:left as interval), upload = :upload
                        where id = :id""")
                .param("id", id)
                .param("left", left)
                .param(
                        "upload",
                        Json.write(Map.of(
                                "fields",
                                Map.of("source", source, "columns", "{\"label\":\"stars\"}"),
                                "files",
                                fetched)))
                .update();
        return id;
    }

    @Test
    void theNextServerFetchesTheFilesAgain() {
        SERVER.serve("/again.csv", ROWS.getBytes(UTF_8));
        Map<String, Object> lost = Map.of("name", "again.csv", "size_bytes", ROWS.length());

        for (List<Map<String, Object>> fetched : List.of(List.<Map<String, Object>>of(), List.of(lost))) {
            JsonNode dataset = awaitEnd(abandoned(SERVER.url("/again.csv"), fetched, "-1 second"));

            assertThat(dataset.get("status").asString()).isEqualTo("ready");
            assertThat(dataset.get("row_count").asInt()).isEqualTo(4);
            assertThat(dataset.get("size_bytes").asInt()).isEqualTo(ROWS.length());
        }
    }

    @Test
    void filesThatAServerHadFetchedAreNotFetchedAgain() throws IOException {
        Map<String, Object> file = Map.of("name", "gone-since.csv", "size_bytes", ROWS.length());
        String id = abandoned(SERVER.url("/gone-since.csv"), List.of(file), "1 hour");
        Files.writeString(data.directory("uploads/datasets/" + id).resolve("0"), ROWS);
        jdbc.sql("update datasets set lease_until = now() - interval '1 second' where id = ?")
                .param(id)
                .update();

        assertThat(awaitEnd(id).get("status").asString()).isEqualTo("ready");
        assertThat(SERVER.count("/gone-since.csv")).isZero();
    }

    @Test
    void aRedirectToAPortThatDoesNotExistIsRefused() {
        SERVER.redirect("/port.csv", "https://example.org:99999/x.csv");

        Answer refused = create(SERVER.url("/port.csv"));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("address_refused");
    }

    @Test
    void aParquetFileOfARepositoryWhoseNameIsNotReadIsNamed() {
        SERVER.dataset("acme/names", "main", Map.of("data/train-0 (1).parquet", new byte[] {1}));

        Answer refused = create("hf:acme/names");

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("hub_file_name");
        assertThat(refused.detail()).contains("train-0 (1).parquet");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://10.0.0.1/x.csv    | address_refused    | private address
            https://[::1]/x.csv       | address_refused    | anneal.outbound.allow
            http://1.1.1.1/x.csv      | invalid_source     | must be an https URL
            ftp://example.org/x.csv   | invalid_source     | must be an https URL
            hf:acme                   | invalid_source     | must be hf:org/name or hf:org/name/config
            hf:other/x                | source_not_allowed | anneal.hub.allow
            hf:acme/none              | hub_not_found      | 'acme/none'
            """)
    void aSourceThatTheServerMustNotFetchIsRefused(String source, String code, String detail) {
        Answer refused = create(source);

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).as("%s", refused.json()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }
}
