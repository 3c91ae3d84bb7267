package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Many downloads of clients that do not read. */
@ServerTest
@Timeout(120)
@TestPropertySource(properties = "anneal.roles=api,inference")
class DownloadsTest {
    private static final String BUNDLED = "/api/v1/models/all-MiniLM-L6-v2/download";

    @Autowired
    Api api;

    @LocalServerPort
    int port;

    @Test
    void slowDownloadsOfAProjectDoNotDelayThoseOfAnother() throws Exception {
        Client slow = editor("slow");
        Client other = editor("other");
        byte[] zip = Zips.of(
                        TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"), "a", "b"), "")
                .bytes();
        String small = upload(other, zip);
        String own = upload(slow, zip);
        List<Socket> downloads = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                downloads.add(download(slow.key()));
            }
            Awaitility.await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
                Answer refused = slow.get(own); // a file, until all downloads have begun
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.code()).isEqualTo("too_many_downloads");
            });

            Answer answer =
                    CompletableFuture.supplyAsync(() -> other.get(small)).get(10, TimeUnit.SECONDS);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.bytes()).isNotEmpty();
        } finally {
            for (Socket download : downloads) {
                download.close();
            }
        }
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(slow.get(own).status()).isEqualTo(200));
    }

    /** Uploads a model and returns the path of its download. */
    private static String upload(Client client, byte[] zip) {
        return "/api/v1/models/"
                + client.uploadTo("/api/v1/models/upload", "tiny.zip", zip, Map.of("name", "tiny"))
                        .text("id")
                + "/download";
    }

    private Client editor(String project) {
        api.post("/api/v1/projects", "{\"id\":\"" + project + "\"}");
        return api.withKey(
                api.post("/api/v1/keys", "{\"name\":\"n\",\"role\":\"editor\",\"project\":\"" + project + "\"}")
                        .text("secret"));
    }

    private Socket download(String key) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.getOutputStream()
                .write(("GET " + BUNDLED + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
