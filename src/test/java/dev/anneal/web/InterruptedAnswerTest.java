package dev.anneal.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/** Answers whose content cannot be completed, because it is gone. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class InterruptedAnswerTest {
    private static final String END = "0\r\n\r\n";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @Value("${local.server.port}")
    int port;

    @Test
    void aClientDoesNotTakeAPartOfAnExportForTheWhole() throws IOException {
        String whole = upload(3);
        String large = upload(80); // more than the connection and the server hold
        try (Socket complete = export(whole);
                Socket interrupted = export(large)) {
            String begin = new String(interrupted.getInputStream().readNBytes(2_000), UTF_8);
            assertThat(begin).startsWith("HTTP/1.1 200");

            assertThat(api.delete("/api/v1/datasets/" + large).status()).isEqualTo(204);

            assertThat(rest(complete).endsWith(END)).isTrue();
            assertThat(rest(interrupted).endsWith(END)).isFalse();
        }
    }

    @Test
    void anExportThatIsGoneBeforeItsFirstRowIsNotFound() {
        String id = upload(3);
        CompletableFuture<Answer> answer = new CompletableFuture<>();

        transactions.executeWithoutResult(deleting -> {
            jdbc.sql("lock table dataset_rows").update();
            answer.completeAsync(() -> api.get("/api/v1/datasets/" + id + "/export"));
            Awaitility.await()
                    .until(() -> jdbc.sql(
                                            "select count(*) from pg_locks where relation = 'dataset_rows'::regclass and not granted")
                                    .query(Long.class)
                                    .single()
                            > 0);
            jdbc.sql("delete from datasets where id = ?").param(id).update();
        });

        assertThat(answer.join().status()).isEqualTo(404);
        assertThat(answer.join().code()).isEqualTo("not_found");
    }

    /** Creates a dataset with so many rows of 250 KB. */
    private String upload(int rows) {
        String file = IntStream.range(0, rows)
                .mapToObj(i -> i + " word".repeat(50_000) + "," + (i % 2 == 0 ? "a" : "b") + "\n")
                .collect(Collectors.joining("", "text,label\n", "x,a\ny,b\n"));
        Answer created =
                api.upload(rows + ".csv", file.getBytes(UTF_8), Map.of("checks", "{\"near_duplicates\":false}"));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private Socket export(String id) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.getOutputStream()
                .write(("GET /api/v1/datasets/" + id + "/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                + api.key() + "\r\n\r\n")
                        .getBytes(UTF_8));
        return socket;
    }

    /** Returns what arrives until the answer ends, or the server closes the connection. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder rest = new StringBuilder();
        byte[] buffer = new byte[1 << 16];
        InputStream in = socket.getInputStream();
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                rest.append(new String(buffer, 0, n, ISO_8859_1));
                if (rest.length() >= END.length()
                        && rest.substring(rest.length() - END.length()).equals(END)) {
                    break;
                }
            }
        } catch (SocketException reset) {
            // it may be closed without an end
        }
        return rest.toString();
    }
}
