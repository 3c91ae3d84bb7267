package dev.anneal.job.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.hosting.HostPool;
import dev.anneal.model.Models;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The view of a row over HTTP, with the bundled model and its host. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class RowTokensTest {
    private static final String BUNDLED = "?base_model=all-MiniLM-L6-v2";

    @Autowired
    Api api;

    @Autowired
    HostPool hosts;

    @Autowired
    Models models;

    @Autowired
    MeterRegistry meters;

    @Value("${local.server.port}")
    int port;

    private String upload(String name, String file) {
        Answer created = api.upload(name, file.getBytes(StandardCharsets.UTF_8), Map.of("split", "{}"));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private Answer tokens(String dataset, String rest) {
        return api.get("/api/v1/datasets/" + dataset + "/rows/" + rest);
    }

    private static List<String> texts(JsonNode tokens) {
        return tokens.valueStream().map(token -> token.path("text").asString()).toList();
    }

    @Test
    void aTextIsShownAsTheBundledModelReadsItWithWhatIsCut() {
        String dataset = upload("r.csv", "text,label\nUnbelievably good!,pos\nbad,neg\nfine,pos\nawful,neg\n");

        JsonNode whole = tokens(dataset, "1/tokens" + BUNDLED).json();
        assertThat(whole.path("max_length").asInt()).isEqualTo(256);
        assertThat(whole.path("labels").toString()).isEqualTo("[\"pos\"]");
        assertThat(whole.path("cut")).isEmpty();
        JsonNode tokens = whole.path("examples").get(0).path("tokens");
        assertThat(texts(tokens)).startsWith("[CLS]").endsWith("good", "!", "[SEP]");
        JsonNode good = tokens.get(tokens.size() - 3);
        assertThat(good.path("start").asInt()).isEqualTo("Unbelievably ".length());
        assertThat(good.path("end").asInt()).isEqualTo("Unbelievably good".length());

        JsonNode cut = tokens(dataset, "1/tokens" + BUNDLED + "&max_length=4").json();
        assertThat(cut.path("examples").get(0).path("tokens")).hasSize(4);
        assertThat(texts(cut.path("cut"))).endsWith("good", "!");
        assertThat(cut.path("cut_count").asInt()).isEqualTo(tokens.size() - 4);

        JsonNode windows = tokens(dataset, "1/tokens" + BUNDLED + "&max_length=4&long_texts=windows")
                .json();
        assertThat(windows.path("examples").size()).isGreaterThan(1);
        assertThat(windows.path("cut")).isEmpty();
    }

    @Test
    void theSeedChoosesTheMaskedTokens() {
        String dataset =
                upload("m.csv", "text,label\n" + "a good film ".repeat(20) + ",pos\nbad,neg\nfine,pos\nawful,neg\n");
        String masked = "1/tokens" + BUNDLED + "&task=masked-lm&masking_probability=0.3&seed=";

        JsonNode first = tokens(dataset, masked + 1).json();

        assertThat(first.path("examples").get(0).path("learned_count").asInt()).isBetween(8, 30);
        assertThat(tokens(dataset, masked + 1).json()).isEqualTo(first);
        assertThat(tokens(dataset, masked + 2).json()).isNotEqualTo(first);
    }

    /** The places of all tokens of such a row would take all memory of a model host. */
    @Test
    void aVeryLongRowIsRefused() {
        String text = "word ".repeat(120_000);
        String dataset = upload("l.csv", "text,label\n" + text + ",pos\nbad,neg\nfine,pos\nawful,neg\n");

        Answer refused = tokens(dataset, "1/tokens" + BUNDLED);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("row_too_long");
        assertThat(refused.detail()).startsWith("Row 1 has 600,").contains("500,000");
        assertThat(tokens(dataset, "2/tokens" + BUNDLED).status()).isEqualTo(200);
    }

    @Test
    void whatAJobRefusesIsRefused() {
        String dataset = upload("r.csv", "text,label\ngood,pos\nbad,neg\nfine,pos\nawful,neg\n");

        assertThat(tokens(dataset, "1/tokens" + BUNDLED + "&task=causal-lm").code())
                .isEqualTo("base_model_does_not_fit");
        assertThat(tokens(dataset, "5/tokens" + BUNDLED).code()).isEqualTo("not_found");
        assertThat(tokens("ds_none", "1/tokens" + BUNDLED).code()).isEqualTo("not_found");
        Answer option = tokens(dataset, "1/tokens" + BUNDLED + "&completions_only=true");
        assertThat(option.code()).isEqualTo("not_of_task");
        assertThat(option.detail()).startsWith("'completions_only' applies only to causal-lm");
    }

    @Test
    void aRowIsNotShownAnyLongerSoonAfterItsClientHasLeft() throws Exception {
        String dataset = upload("r.csv", "text,label\ngood,pos\nbad,neg\nfine,pos\nawful,neg\n");
        String path = "/api/v1/datasets/" + dataset + "/rows/1/tokens" + BUNDLED;
        assertThat(api.get(path).status()).isEqualTo(200); // starts the host

        signal("-STOP");
        try {
            try (Socket socket = send(path)) {
                Awaitility.await().until(() -> waiting() > 0);
            }
            Awaitility.await().until(() -> waiting() == 0);
        } finally {
            signal("-CONT");
        }
        assertThat(api.get(path).status()).isEqualTo(200);
    }

    /** The next requests of a connection must not look like its end. */
    @Test
    void aConnectionThatSendsItsNextRequestsEarlyGetsAllAnswers() throws Exception {
        String dataset = upload("r.csv", "text,label\ngood,pos\nbad,neg\nfine,pos\nawful,neg\n");
        String path = "/api/v1/datasets/" + dataset + "/rows/%d/tokens" + BUNDLED;
        assertThat(api.get(path.formatted(1)).status()).isEqualTo(200);

        signal("-STOP");
        try (Socket socket = send(path.formatted(1), path.formatted(9))) {
            Awaitility.await().until(() -> waiting() > 0);
            write(socket, path.formatted(2));
            Awaitility.await().during(Duration.ofSeconds(2)).until(() -> waiting() > 0);
            signal("-CONT");

            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(Stream.generate(() -> line(lines))
                            .filter(line -> line.contains("HTTP/1.1 "))
                            .limit(3)
                            .map(line -> line.replaceFirst(".*HTTP/1.1 (\\d+).*", "$1")))
                    .containsExactly("200", "404", "200");
        } finally {
            signal("-CONT");
        }
    }

    private static String line(BufferedReader lines) {
        try {
            return Objects.requireNonNull(lines.readLine(), "the connection has ended");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket send(String... paths) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        write(socket, paths);
        return socket;
    }

    private void write(Socket socket, String... paths) throws IOException {
        String requests = Stream.of(paths)
                .map(path -> "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + api.key()
                        + "\r\n\r\n")
                .collect(Collectors.joining());
        socket.getOutputStream().write(requests.getBytes(StandardCharsets.UTF_8));
    }

    private double waiting() {
        return meters.get("anneal.inference.waiting").gauge().value();
    }

    private void signal(String name) throws IOException, InterruptedException {
        String model = models.find("all-MiniLM-L6-v2", "default").orElseThrow().getId();
        new ProcessBuilder("kill", name, String.valueOf(hosts.pid(model).orElseThrow()))
                .start()
                .waitFor();
    }

    @Test
    void aHostThatHasEndedIsStartedAgain() {
        String dataset = upload("r.csv", "text,label\ngood,pos\nbad,neg\nfine,pos\nawful,neg\n");
        JsonNode first = tokens(dataset, "1/tokens" + BUNDLED).json();
        String model = models.find("all-MiniLM-L6-v2", "default").orElseThrow().getId();

        ProcessHandle host = ProcessHandle.of(hosts.pid(model).orElseThrow()).orElseThrow();
        host.destroyForcibly();
        host.onExit().join();

        assertThat(tokens(dataset, "1/tokens" + BUNDLED).json()).isEqualTo(first);
    }
}
