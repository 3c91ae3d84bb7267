package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.hosting.HostPool;
import dev.anneal.hosting.UnreadAnswers;
import dev.anneal.json.Json;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.tokenizer.Tokenizer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.test.context.TestPropertySource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

@ServerTest
@Timeout(120)
@TestPropertySource(
        properties = {
            "anneal.inference.max-generations=2",
            "anneal.inference.max-waiting-generations=1",
            "anneal.inference.precision=auto"
        })
class GenerateApiTest {
    private static final String LLAMA = "/api/v1/models/tiny-llama/";

    @Autowired
    Api api;

    @Autowired
    ArtifactStore store;

    @Autowired
    ModelRegistry registry;

    @Autowired
    Models models;

    @Autowired
    HostPool hosts;

    @Autowired
    MeterRegistry meters;

    @Autowired
    UnreadAnswers unread;

    @Value("${local.server.port}")
    int port;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopThreads() {
        threads.shutdown();
    }

    @BeforeEach
    void addModels() throws IOException {
        add("tiny-llama", "llama");
        add("tiny-bert", "bert");
    }

    private void add(String name, String directory) throws IOException {
        String key = "base/" + name;
        if (!store.has(key)) {
            Path copy = TestServer.newDirectory();
            FileSystemUtils.copyRecursively(Path.of("src/test/resources/models", directory), copy);
            store.put(key, copy);
            registry.addBase(name, ModelFiles.inspect(store.get(key)), key);
        }
    }

    private List<JsonNode> events(Answer answer, String name) {
        List<JsonNode> events = new ArrayList<>();
        String[] blocks = new String(answer.bytes(), StandardCharsets.UTF_8).split("\n\n");
        for (String block : blocks) {
            String[] lines = block.split("\n");
            if (lines[0].equals("event:" + name)) {
                events.add(Json.MAPPER.readTree(lines[1].substring("data:".length())));
            }
        }
        return events;
    }

    @Test
    void aStreamedTextEqualsTheWholeOne() {
        String request = "{\"prompt\": \"The river\", \"max_new_tokens\": 20, \"seed\": 5%s}";
        double tokens = tokens();
        long texts = texts();
        Answer whole = api.post(LLAMA + "generate", request.formatted(""));
        Answer streamed = api.post(LLAMA + "generate", request.formatted(", \"stream\": true"));

        assertThat(whole.status()).isEqualTo(200);
        int completion = whole.json().at("/usage/completion_tokens").asInt();
        assertThat(completion).isBetween(1, 20);
        assertThat(whole.json().get("seed").asInt()).isEqualTo(5);
        assertThat(streamed.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        StringBuilder text = new StringBuilder();
        events(streamed, "token").forEach(event -> text.append(event.get("text").asString()));
        assertThat(text.toString()).isEqualTo(whole.text("text"));
        JsonNode done = events(streamed, "done").get(0);
        assertThat(done.get("usage")).isEqualTo(whole.json().get("usage"));
        assertThat(done.get("finish_reason")).isEqualTo(whole.json().get("finish_reason"));
        assertThat(tokens()).isEqualTo(tokens + 2 * completion);
        assertThat(texts()).isEqualTo(texts + 2);
    }

    @Test
    void logProbabilitiesAreReturnedForEachTokenIfTheyAreRequested() {
        String request = "{\"prompt\": \"The river\", \"max_new_tokens\": 6, \"temperature\": 0%s}";
        Answer plain = api.post(LLAMA + "generate", request.formatted(""));
        Answer scored = api.post(LLAMA + "generate", request.formatted(", \"logprobs\": 3"));
        Answer streamed = api.post(LLAMA + "generate", request.formatted(", \"logprobs\": 3, \"stream\": true"));

        assertThat(plain.json().get("logprobs").isNull()).isTrue();
        assertThat(scored.status()).as("%s", scored.json()).isEqualTo(200);
        assertThat(scored.text("text")).isEqualTo(plain.text("text"));
        JsonNode tokens = scored.json().get("logprobs");
        assertThat(tokens).hasSize(plain.json().at("/usage/completion_tokens").asInt());
        for (JsonNode token : tokens) {
            List<Double> likeliest = token.get("likeliest")
                    .valueStream()
                    .map(other -> other.get("logprob").asDouble())
                    .toList();
            assertThat(likeliest).hasSize(3).isSortedAccordingTo(Comparator.reverseOrder());
            assertThat(likeliest).allSatisfy(logprob -> assertThat(logprob).isNegative());
            // temperature 0 takes the likeliest
            assertThat(token.at("/likeliest/0/id")).isEqualTo(token.get("id"));
            assertThat(token.get("logprob").asDouble()).isEqualTo(likeliest.get(0));
        }
        assertThat(events(streamed, "done").get(0).get("logprobs")).isEqualTo(tokens);
        assertThat(api.post(LLAMA + "generate", request.formatted(", \"logprobs\": 0"))
                        .json()
                        .at("/logprobs/0/likeliest"))
                .isEmpty();
        assertThat(api.post(LLAMA + "generate", request.formatted(", \"logprobs\": 21"))
                        .code())
                .isEqualTo("out_of_range");
    }

    private double tokens() {
        return meters.find("anneal.generate.tokens").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private long texts() {
        return meters.find("anneal.generate.first.token").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    @Test
    void aConversationIsAnswered() {
        Answer answer = api.post(LLAMA + "generate", """
                {"messages": [{"role": "user", "content": "The river"}], "max_new_tokens": 5, "temperature": 0,
                 "stop": ["never"]}
                """);
        assertThat(answer.status()).isEqualTo(200);
        try (Tokenizer tokenizer = Tokenizer.load(Path.of("src/test/resources/models/llama"), 64)) {
            String chat = "<|im_start|>user\nThe river<|im_end|>\n<|im_start|>assistant\n";
            assertThat(answer.json().at("/usage/prompt_tokens").asInt())
                    .isEqualTo(tokenizer.encodeAll(chat, false).length);
        }
    }

    @Test
    void eachWrongFieldOfARequestIsNamed() {
        Answer answer = api.post(LLAMA + "generate", """
                {"prompt": "a", "messages": [], "temperature": 3, "stop": ["a", "b", "c", "d", "e"], "max_tokens": 3}
                """);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json()
                        .get("errors")
                        .valueStream()
                        .map(error -> error.path("field").asString("")))
                .contains("prompt", "messages", "temperature", "stop", "max_tokens");
        assertThat(api.post(LLAMA + "generate", "{}").code()).isEqualTo("required");
        Answer tooLong = api.post(LLAMA + "generate", "{\"prompt\": \"" + "river ".repeat(300) + "\"}");
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.code()).isEqualTo("prompt_too_long");
        assertThat(tooLong.detail()).contains("The model takes at most 128 tokens");
    }

    @Test
    void aCallThatAModelDoesNotSupportNamesTheOneThatItDoes() {
        Answer classified = api.post(LLAMA + "predict", "{\"inputs\": [\"a\"]}");
        assertThat(classified.status()).isEqualTo(409);
        assertThat(classified.code()).isEqualTo("no_head");
        assertThat(classified.detail()).contains("Call generate");

        Answer written = api.post("/api/v1/models/tiny-bert/generate", "{\"prompt\": \"a\"}");
        assertThat(written.status()).isEqualTo(409);
        assertThat(written.code()).isEqualTo("not_a_generator");
        assertThat(api.post("/api/v1/models/mdl_none/generate", "{\"prompt\": \"a\"}")
                        .status())
                .isEqualTo(404);
    }

    /** Holds the model's process until it is closed. */
    private final class Held implements AutoCloseable {
        private final String pid;

        Held() {
            api.post(LLAMA + "generate", "{\"prompt\": \"The river\", \"max_new_tokens\": 1}"); // loads it
            this.pid = hosts.pid(models.find("tiny-llama", null).orElseThrow().getId())
                    .orElseThrow()
                    .toString();
            signal("-STOP");
        }

        private void signal(String name) {
            try {
                new ProcessBuilder("kill", name, pid).start().waitFor();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            signal("-CONT");
        }
    }

    @Test
    void requestsBeyondTheWaitingLimitAreRefused() {
        String request = "{\"prompt\": \"The river\", \"max_new_tokens\": 2}";
        List<CompletableFuture<Answer>> answers;
        try (Held held = new Held()) {
            answers = IntStream.range(0, 4)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> api.post(LLAMA + "generate", request), threads))
                    .toList();
            // Two of four are generated and one waits; the other is refused meanwhile.
            Answer refused = (Answer) CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new))
                    .join();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.code()).isEqualTo("too_busy");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        }
        assertThat(answers.stream().map(answer -> answer.join().status()))
                .containsOnlyOnce(429)
                .contains(200);
    }

    /** The model's process stands still, so that nothing is written that could show the disconnect. */
    @ParameterizedTest
    @ValueSource(strings = {"", ", \"stream\": true"})
    void aTextIsNotGeneratedAnyLongerSoonAfterItsClientHasLeft(String stream) throws Exception {
        double before = abandoned();
        try (Held held = new Held()) {
            try (Socket socket = send(LLAMA + "generate", "{\"prompt\": \"The river\"" + stream + "}")) {
                Awaitility.await().until(() -> waiting() > 0);
            }
            Awaitility.await().until(() -> waiting() == 0);
        }
        assertThat(abandoned()).isEqualTo(before + 1);
    }

    @Test
    void aStreamWithTextStopsIfItsClientDisconnects() throws Exception {
        double before = abandoned();
        String body = "{\"prompt\": \"The river\", \"max_new_tokens\": 100, \"stream\": true}";
        api.post(LLAMA + "generate", "{\"prompt\": \"The river\", \"max_new_tokens\": 1}"); // loads it
        try (Socket socket = send(LLAMA + "generate", body)) {
            socket.setSoLinger(true, 0);
            assertThat(socket.getInputStream().read()).isPositive();
        }
        Awaitility.await().until(() -> waiting() == 0);
        assertThat(abandoned()).isBetween(before, before + 1); // it may have ended before
    }

    @Test
    void aStreamIsRefusedIfItsProjectHasTooManyUnreadAnswersWhenItBegins() {
        String project = "project default";
        long all = 64L << 20;
        assertThat(unread.add(project, all)).isTrue();
        try {
            // A drawn answer may have no token, so that it needs no room.
            Answer refused =
                    api.post(LLAMA + "generate", "{\"prompt\": \"The river\", \"temperature\": 0, \"stream\": true}");

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.code()).isEqualTo("too_many_unread_answers");
            Awaitility.await().until(() -> waiting() == 0);
        } finally {
            unread.remove(project, all);
        }
    }

    /** A client may send its next requests early, which must not look like the end of the connection. */
    @Test
    void aConnectionServesOneRequestAfterTheOther() throws Exception {
        String body = "{\"prompt\": \"The river\", \"max_new_tokens\": 2%s}";
        try (Held held = new Held();
                Socket socket = send(LLAMA + "generate", body.formatted(""))) {
            Awaitility.await().until(() -> waiting() > 0);
            write(socket, LLAMA + "generate", body.formatted(", \"stream\": true"));
            write(socket, LLAMA + "generate", body.formatted(", \"max_tokens\": 2"));
            Awaitility.await().during(Duration.ofSeconds(2)).until(() -> waiting() == 1);
            held.close();
            assertThat(statuses(socket, 3)).containsExactly("200", "200", "422");
        }
    }

    /** Its bytes are then in the same buffer of the server as the body before them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRequestThatIsSentTogetherWithTheOneBeforeItIsNotLost(boolean chunked) throws Exception {
        String body = "{\"prompt\": \"The river\", \"max_new_tokens\": 2%s}";
        String first = request(LLAMA + "generate", body.formatted(""), chunked);
        String second = request(LLAMA + "generate", body.formatted(", \"max_tokens\": 2"), chunked);
        try (Held held = new Held();
                Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write((first + second).getBytes(StandardCharsets.UTF_8));
            Awaitility.await().until(() -> waiting() > 0);
            Awaitility.await().during(Duration.ofSeconds(2)).until(() -> waiting() == 1);
            held.close();
            assertThat(statuses(socket, 2)).containsExactly("200", "422");
        }
    }

    private static List<String> statuses(Socket socket, int count) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        List<String> statuses = new ArrayList<>();
        while (statuses.size() < count) {
            String line = lines.readLine();
            assertThat(line).as("the line after the answers with %s", statuses).isNotNull();
            if (line.startsWith("HTTP/1.1 ") || line.contains("}HTTP/1.1 ")) { // a body has no line end
                statuses.add(line.substring(line.indexOf("HTTP/1.1 ") + 9).strip());
            }
        }
        return statuses;
    }

    private Socket send(String path, String body) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        write(socket, path, body);
        return socket;
    }

    private void write(Socket socket, String path, String body) throws IOException {
        socket.getOutputStream().write(request(path, body, false).getBytes(StandardCharsets.UTF_8));
    }

    private String request(String path, String body, boolean chunked) {
        String length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length();
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.key()
                + "\r\nContent-Type: application/json\r\n" + length + "\r\n\r\n"
                + (chunked ? Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n" : body);
    }

    private double waiting() {
        return meters.get("anneal.inference.waiting").gauge().value();
    }

    private double abandoned() {
        return meters.get("anneal.generate.abandoned").counter().count();
    }

    @Test
    void aModelShowsThePrecisionThatItIsServedIn() {
        String path = "/api/v1/models/tiny-llama";
        api.post(path + "/generate", "{\"prompt\": \"The river\", \"max_new_tokens\": 1}");

        JsonNode serving = api.get(path).json().get("serving");

        assertThat(serving.get("precision").asString()).isIn("fp32", "bf16");
        assertThat(serving.get("difference").isNumber()).isTrue();
        assertThat(api.get("/api/v1/models/tiny-bert").json().get("serving").isNull())
                .isTrue();
    }
}
