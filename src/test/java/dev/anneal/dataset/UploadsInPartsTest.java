package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.dataset.upload.CompleteUploads;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** Uploads in parts, by the tus protocol. */
@ServerTest
@Timeout(300)
@TestPropertySource(
        properties = {
            "anneal.roles=api",
            "anneal.uploads.max-per-project=3",
            "anneal.uploads.max-bytes-per-project=1MB",
            "anneal.uploads.sweep=100ms",
            "anneal.request.max-size=1KB"
        })
class UploadsInPartsTest {
    private static final byte[] FILE =
            ("text,label\n" + "a good text,a\nan awful text,b\n".repeat(200)).getBytes(UTF_8);
    private static final String PATH = "/api/v1/uploads/";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DataDirectory data;

    @Autowired
    CompleteUploads complete;

    @LocalServerPort
    int port;

    @AfterEach
    void theSweepRemovesAllFiles() throws IOException {
        jdbc.sql("delete from uploads").update();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(files()).isEmpty());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(data.directory("uploads/parts"))) {
            return files.map(Path::toString).toList();
        }
    }

    private String create() {
        return api.createUpload(FILE.length, "reviews.csv").text("id");
    }

    private static byte[] part(int from, int to) {
        return Arrays.copyOfRange(FILE, from, to);
    }

    private Answer head(String id) {
        return api.send("HEAD", PATH + id, new byte[0], "Tus-Resumable", "1.0.0");
    }

    private static long offset(Answer answer) {
        return Long.parseLong(answer.headers().firstValue("Upload-Offset").orElseThrow());
    }

    private Answer dataset(String upload, String... fields) {
        Map<String, String> form = new java.util.LinkedHashMap<>(Map.of("upload", upload));
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        return api.uploadTo("/api/v1/datasets", List.of(), form);
    }

    @Test
    void theServerDescribesItsProtocol() {
        Answer answer = api.send("OPTIONS", "/api/v1/uploads", new byte[0]);

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.headers().firstValue("Tus-Resumable")).hasValue("1.0.0");
        assertThat(answer.headers().firstValue("Tus-Version")).hasValue("1.0.0");
        assertThat(answer.headers().firstValue("Tus-Extension")).hasValue("creation,expiration,termination");
        assertThat(answer.headers().firstValue("Tus-Max-Size")).hasValue("2147483648");
    }

    @Test
    void aFileThatIsSentInPartsBecomesADataset() {
        Answer created = api.createUpload(FILE.length, "reviews.csv");
        String id = created.text("id");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.headers().firstValue("Location")).hasValue("/api/v1/uploads/" + id);
        assertThat(created.headers().firstValue("Upload-Expires").orElse("")).endsWith("GMT");
        assertThat(created.json().get("metadata").toString()).isEqualTo("{\"filename\":\"reviews.csv\"}");

        assertThat(offset(head(id))).isZero();
        Answer first = api.append(id, 0, part(0, 2_000));
        assertThat(first.status()).isEqualTo(204);
        assertThat(offset(first)).isEqualTo(2_000);
        Answer middle = head(id);
        assertThat(offset(middle)).isEqualTo(2_000);
        assertThat(middle.headers().firstValue("Upload-Length")).hasValue(String.valueOf(FILE.length));
        assertThat(middle.headers().firstValue("Upload-Metadata")).hasValue("filename cmV2aWV3cy5jc3Y=");
        assertThat(middle.headers().firstValue("Cache-Control")).hasValue("no-store");
        Answer early = dataset(id);
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.code()).isEqualTo("upload_incomplete");

        assertThat(offset(api.append(id, 2_000, part(2_000, FILE.length)))).isEqualTo(FILE.length);
        Answer dataset = dataset(id);
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        assertThat(dataset.text("name")).matches("reviews(-\\d+)?.csv");
        assertThat(dataset.json().get("row_count").asInt()).isEqualTo(400);
        assertThat(dataset.text("sha256")).isEqualTo(Sha256.of(new String(FILE, UTF_8)));
        assertThat(head(id).status()).as("the upload was used").isEqualTo(404);
        assertThat(dataset(id).code()).isEqualTo("unknown_upload");
    }

    @Test
    void anUploadWhoseFileIsRefusedCanBeUsedAgainWithOtherFields() {
        String id = create();
        api.append(id, 0, FILE);

        assertThat(dataset(id, "columns", "{\"label\":\"stars\"}").code()).isEqualTo("missing_column");
        assertThat(dataset(id, "task", "token-classification").status()).isEqualTo(422);
        assertThat(dataset(id, "name", "again").text("status")).isEqualTo("ready");
    }

    @Test
    void anUploadCanBeCheckedWithoutADataset() {
        String id = create();
        api.append(id, 0, FILE);
        Answer report = api.uploadTo("/api/v1/datasets/check", List.of(), Map.of("upload", id));

        assertThat(report.status()).isEqualTo(200);
        assertThat(report.json().get("row_count").asInt()).isEqualTo(400);
        assertThat(head(id).status()).isEqualTo(200);
    }

    @Test
    void aPartThatIsSentTwiceOrOutOfOrderIsRefusedAndChangesNothing() {
        String id = create();
        api.append(id, 0, part(0, 100));

        for (long wrong : new long[] {0, 50, 200}) {
            Answer refused = api.append(id, wrong, part(0, 100));
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.code()).isEqualTo("wrong_offset");
            assertThat(refused.headers().firstValue("Tus-Resumable")).hasValue("1.0.0");
        }
        assertThat(offset(head(id))).isEqualTo(100);
    }

    @Test
    void aPartWithMoreBytesThanWereAnnouncedIsRefusedAndChangesNothing() throws Exception {
        String id = api.createUpload(150, "x.csv").text("id");
        api.append(id, 0, part(0, 100));

        Answer refused = api.append(id, 100, part(100, 200));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_bytes");
        String chunked = "PATCH " + PATH + id + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n";
        assertThat(raw(chunked, "64\r\n" + "x".repeat(100) + "\r\n0\r\n\r\n", 100))
                .contains(" 422 ", "too_many_bytes");
        assertThat(offset(head(id))).isEqualTo(100);
    }

    @Test
    void whatArrivedBeforeTheConnectionWasLostIsKept() throws Exception {
        String id = create();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            OutputStream out = socket.getOutputStream();
            out.write(request("PATCH " + PATH + id + " HTTP/1.1\r\nContent-Length: 5000\r\n", 0));
            out.write(part(0, 3_000));
            out.flush();
            Awaitility.await().until(() -> offset(head(id)) == 3_000);
        }
        Awaitility.await()
                .until(() -> api.append(id, 3_000, part(3_000, FILE.length)).status() == 204);

        assertThat(dataset(id).text("sha256")).isEqualTo(Sha256.of(new String(FILE, UTF_8)));
    }

    @Test
    void ofTwoPartsAtOnceOneIsRefused() throws Exception {
        String id = create();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(request("PATCH " + PATH + id + " HTTP/1.1\r\nContent-Length: 5000\r\n", 0));
            socket.getOutputStream().write(part(0, 10));
            socket.getOutputStream().flush();
            Awaitility.await().until(() -> offset(head(id)) == 10);

            Answer second = api.append(id, 10, part(10, 20));
            assertThat(second.status()).isEqualTo(423);
            assertThat(second.code()).isEqualTo("upload_locked");
            assertThat(api.delete(PATH + id).status()).isEqualTo(423);
        }
        Awaitility.await().until(() -> api.delete(PATH + id).status() == 204);
        assertThat(head(id).status()).isEqualTo(404);
    }

    /** Sends the head of a part, and some bytes as a chunk. The part does not end. */
    private Socket begin(String id, long offset, byte[] bytes) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        OutputStream out = socket.getOutputStream();
        out.write(request("PATCH " + PATH + id + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", offset));
        chunk(out, bytes);
        Awaitility.await().until(() -> offset(head(id)) == offset + bytes.length);
        return socket;
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
        out.write(bytes);
        out.write("\r\n".getBytes(UTF_8));
        out.flush();
    }

    @Test
    void noDatasetIsMadeOfAnUploadWhileAPartArrivesThatMayShortenIt() throws Exception {
        String id = create();
        try (Socket socket = begin(id, 0, FILE)) {
            for (String path : List.of("/api/v1/datasets", "/api/v1/datasets/check")) {
                Answer refused = api.uploadTo(path, List.of(), Map.of("upload", id));
                assertThat(refused.status()).as(path).isEqualTo(423);
                assertThat(refused.code()).isEqualTo("upload_locked");
            }
            chunk(socket.getOutputStream(), new byte[] {'x'}); // one byte too many
            Awaitility.await().until(() -> offset(head(id)) == 0);
        }
        Awaitility.await().until(() -> api.append(id, 0, FILE).status() == 204);

        assertThat(dataset(id).status()).isEqualTo(201);
    }

    @Test
    void anUploadThatARequestReadsCannotBeChangedOrDeleted() throws Exception {
        String id = create();
        api.append(id, 0, FILE);
        try (CompleteUploads.UploadedParts parts = complete.open(id, "default")) {
            assertThat(api.delete(PATH + id).status()).isEqualTo(423);
            assertThat(api.append(id, FILE.length, new byte[0]).status()).isEqualTo(423);
            expire(id);
            jdbc.sql("delete from uploads where id = ?").param(id).update(); // as a request that made a dataset of it
            complete.clean(id);
            assertThat(parts.open()).hasBinaryContent(FILE);
        }
    }

    private void expire(String id) {
        jdbc.sql("update uploads set expires_at = now() - interval '1 second' where id = ?")
                .param(id)
                .update();
    }

    @Test
    void anUploadDoesNotExpireWhileBytesArrive() throws Exception {
        String id = create();
        jdbc.sql("update uploads set expires_at = now() + interval '1 minute' where id = ?")
                .param(id)
                .update();
        String gone = create();
        try (Socket socket = begin(id, 0, part(0, 10))) {
            assertThat(jdbc.sql("select expires_at > now() + interval '1 day' from uploads where id = ?")
                            .param(id)
                            .query(Boolean.class)
                            .single())
                    .as("it is extended at the start")
                    .isTrue();
            expire(gone);
            expire(id);
            Awaitility.await().until(() -> head(gone).status() == 404); // the sweep has run
            assertThat(exists(id)).isTrue();
            OutputStream out = socket.getOutputStream();
            chunk(out, part(10, FILE.length));
            out.write("0\r\n\r\n".getBytes(UTF_8));
            Awaitility.await().until(() -> head(id).status() == 200 && offset(head(id)) == FILE.length);
        }

        Awaitility.await().until(() -> dataset(id).status() == 201);
    }

    private boolean exists(String id) {
        return jdbc.sql("select exists (select 1 from uploads where id = ?)")
                .param(id)
                .query(Boolean.class)
                .single();
    }

    @Test
    void anUploadThatCannotBeCreatedDoesNotCountAgainstTheLimits() throws Exception {
        Path parts = data.directory("uploads/parts");
        Path aside = parts.resolveSibling("aside");
        Files.move(parts, aside);
        Files.writeString(parts, "no directory");
        try {
            assertThat(raw("POST /api/v1/uploads HTTP/1.1\r\nUpload-Length: 5\r\nContent-Length: 0\r\n", "", 0))
                    .contains(" 500 ");
        } finally {
            Files.delete(parts);
            Files.move(aside, parts);
        }

        assertThat(api.get("/api/v1/uploads").json().get("data")).isEmpty();
    }

    @Test
    void aRepeatedRequestReturnsTheDatasetAfterItsUploadWasUsed() {
        String id = create();
        api.append(id, 0, FILE);
        String[] key = {"Idempotency-Key", "parts"};
        Answer first = api.uploadTo("/api/v1/datasets", List.of(), Map.of("upload", id), key);
        assertThat(first.status()).isEqualTo(201);
        assertThat(head(id).status()).isEqualTo(404);

        Answer again = api.uploadTo("/api/v1/datasets", List.of(), Map.of("upload", id), key);
        assertThat(again.status()).as("%s", again.json()).isEqualTo(201);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(api.uploadTo("/api/v1/datasets", List.of(), Map.of("upload", id, "name", "other"), key)
                        .code())
                .isEqualTo("idempotency_key_reused");
    }

    @Test
    void theUploadsOfAProjectAndTheirBytesAreLimited() {
        String first = api.createUpload(900_000, "a").text("id");
        Answer large = api.createUpload(200_000, "b");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.code()).isEqualTo("too_many_upload_bytes");
        api.createUpload(1, "c");
        api.createUpload(1, "d");
        Answer fourth = api.createUpload(1, "e");
        assertThat(fourth.status()).isEqualTo(429);
        assertThat(fourth.code()).isEqualTo("too_many_uploads");

        assertThat(api.get("/api/v1/uploads").json().get("data")).hasSize(3);
        assertThat(api.delete(PATH + first).status()).isEqualTo(204);
        assertThat(api.createUpload(200_000, "b").status()).isEqualTo(201);
    }

    @Test
    void anUploadExpiresIfNothingArrives() {
        String id = create();
        expire(id);

        assertThat(head(id).status()).isIn(404, 410); // before or after the sweep
        assertThat(dataset(id).code()).isEqualTo("unknown_upload");
        Awaitility.await().until(() -> head(id).status() == 404);
    }

    @Test
    void aServerThatDoesNotHaveThePartsSaysSo() throws Exception {
        String id = create();
        Files.delete(data.file("uploads/parts/" + id));

        assertThat(api.get(PATH + id).code()).isEqualTo("upload_on_another_server");
        assertThat(api.append(id, 0, FILE).code()).isEqualTo("upload_on_another_server");
        assertThat(dataset(id).code()).isEqualTo("upload_on_another_server");
        assertThat(api.get("/api/v1/uploads")
                        .json()
                        .get("data")
                        .get(0)
                        .get("offset_bytes")
                        .isNull())
                .isTrue();
        assertThat(api.delete(PATH + id).status()).isEqualTo(204);
    }

    private byte[] request(String head, long offset) {
        return (head + "Host: x\r\nAuthorization: Bearer " + api.key()
                        + "\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: "
                        + offset + "\r\n\r\n")
                .getBytes(UTF_8);
    }

    private String raw(String head, String body, long offset) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(request(head + "Connection: close\r\n", offset));
            socket.getOutputStream().write(body.getBytes(UTF_8));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
