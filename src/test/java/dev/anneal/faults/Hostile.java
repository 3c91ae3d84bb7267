package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.model.Zips;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.check.HostileModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;

/**
 * Broken models and awkward texts, thrown at a server while another project calls its model all the time. No process of the
 * server may end, no good call may fail, each answer must be one that the API knows. The bench also fails if a good call took a second longer
 * than before.
 */
final class Hostile {
    private static final String GOOD = "good";

    /** The milliseconds between two good calls. Without a break they would keep one processor busy. */
    private static final int BREAK_MILLIS = 50;

    /** The milliseconds by which a good call may take longer than before, in the bench: a busy machine is slower. */
    private static final int MOST_MILLIS_LONGER = 1_000;

    private static final List<String> PIECES = List.of(
            "a",
            " ",
            "\n",
            "\u0000",
            "🙂",
            "e\u0301",
            "我",
            "שלום",
            "\u202e",
            "\ud800",
            "a\ufeff",
            "\uffff",
            "[MASK]",
            "</s>",
            "<|im_end|>",
            "<|endoftext|>",
            "{{ 1 }}",
            "##",
            "▁",
            "0",
            "-",
            "\\u0000",
            "''",
            "\u001b[31m",
            "ﷺ",
            "\u0300");

    /** The answers to one kind of case by their status or code, and the slowest good call meanwhile. */
    static final class Kind {
        int cases;
        long slowestGoodMillis;
        final Map<String, Integer> answers = new TreeMap<>();
    }

    /** {@code usualMillis} is the slowest good call before any case. */
    record Figures(Map<String, Kind> kinds, long goodCalls, long usualMillis, double seconds) {
        int cases() {
            return kinds.values().stream().mapToInt(kind -> kind.cases).sum();
        }
    }

    private final ServerNode server;
    private final Path work = TestServer.newDirectory();
    private final Map<String, Kind> kinds = new TreeMap<>();
    private final GoodCalls good;
    private Client api;
    private int names;

    private Hostile(ServerNode server) throws IOException {
        this.server = server;
        this.api = server.client().inAnOutage(); // a call of a broken model may be answered with 503
        Path tiny = TestModels.tiny(work.resolve("tiny"), "good", "bad");
        api.post("/api/v1/projects", "{\"id\":\"" + GOOD + "\"}");
        Answer created = api.in(GOOD).uploadTo("/api/v1/models", "good.zip", zip(tiny), Map.of());
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        good = new GoodCalls(server);
    }

    /** The arguments are the number of models and of texts, and the seed. */
    public static void main(String[] arguments) throws Exception {
        SilencedLogs.logs();
        Figures figures =
                run(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]), true);
        System.out.println("| kind | cases | answers | slowest good call (ms) |");
        System.out.println("|---|---|---|---|");
        figures.kinds.forEach((name, kind) ->
                System.out.printf("| %s | %d | %s | %d |%n", name, kind.cases, kind.answers, kind.slowestGoodMillis));
        System.out.printf(
                "%d cases in %.0f s, %d good calls, none failed; the slowest before took %d ms; the server did not end%n",
                figures.cases(), figures.seconds, figures.goodCalls, figures.usualMillis);
        long slowest = figures.kinds.values().stream()
                .mapToLong(kind -> kind.slowestGoodMillis)
                .max()
                .orElseThrow();
        if (slowest > figures.usualMillis + MOST_MILLIS_LONGER) {
            System.err.println("MISSED: a good call took " + slowest + " ms");
            System.exit(1);
        }
    }

    /**
     * Fails if the server ends, a good call fails, or an answer is wrong.
     *
     * @param restarts whether the server is restarted after each kind
     */
    static Figures run(int models, int texts, long seed, boolean restarts) throws Exception {
        long begin = System.nanoTime();
        try (Installation installation = new Installation()) {
            ServerNode server = installation
                    .node(
                            "api",
                            "api,inference",
                            "--anneal.limits.requests-per-second=100000",
                            "--anneal.limits.request-burst=100000")
                    .start()
                    .awaitReady();
            Hostile hostile = new Hostile(server);
            try {
                hostile.good.awaitCalls(20); // the first ones start a model host
                hostile.good.takeSlowest();
                hostile.good.awaitCalls(50);
                long usual = hostile.good.takeSlowest();
                hostile.cases();
                hostile.texts(texts, seed);
                for (List<HostileModels.Case> kind : kinds(models, seed)) {
                    kind.forEach(hostile::model);
                    if (restarts) {
                        hostile.restart();
                        System.err.println(kind.size() + " models of the kind "
                                + kind.get(0).kind());
                    }
                }
                return new Figures(hostile.kinds, hostile.good.count(), usual, (System.nanoTime() - begin) / 1e9);
            } finally {
                hostile.good.close();
                FileSystemUtils.deleteRecursively(hostile.work);
            }
        }
    }

    /** Returns the known cases by kind, as many as there may be, and mutations for the rest. */
    private static List<List<HostileModels.Case>> kinds(int models, long seed) {
        List<HostileModels.Case> known = new ArrayList<>(Stream.of(
                        HostileModels.killers(),
                        HostileModels.configs(),
                        HostileModels.tokenizers(),
                        HostileModels.weights(),
                        HostileModels.templates(1))
                .flatMap(cases -> cases)
                .toList());
        if (known.size() > models) {
            Collections.shuffle(known, new Random(seed));
        }
        List<HostileModels.Case> chosen = known.subList(0, Math.min(models, known.size()));
        Map<String, List<HostileModels.Case>> byKind = new TreeMap<>();
        chosen.forEach(each ->
                byKind.computeIfAbsent(each.kind(), kind -> new ArrayList<>()).add(each));
        HostileModels.mutations(seed)
                .limit(models - chosen.size())
                .forEach(each -> byKind.computeIfAbsent(each.kind() + ", mutated", kind -> new ArrayList<>())
                        .add(each));
        return List.copyOf(byKind.values());
    }

    private void restart() {
        good.pause();
        server.terminate(60);
        server.start().awaitReady();
        api = server.client().inAnOutage();
        good.resume();
        good.awaitCalls(3);
        good.takeSlowest(); // the first one starts a model host
    }

    private static byte[] zip(Path directory) throws IOException {
        return Zips.of(directory, "").bytes();
    }

    /** Uploads the zips that ended the server before there were checks. */
    private void cases() throws IOException {
        for (String name :
                List.of("tokenizer-charsmap", "tokenizer-bpe-prefix", "tokenizer-regex", "24-bert-addedtok")) {
            byte[] zip = Files.readAllBytes(Cases.of(name + ".zip"));
            Answer answer = api.uploadTo("/api/v1/models", "x.zip", zip, Map.of("name", name));
            assertThat(answer.code()).as("%s: %s", name, answer.json()).isEqualTo("invalid_model");
            assertThat(answer.detail()).startsWith("tokenizer.json: '");
            count("zip of a report", answer.code());
        }
    }

    private void model(HostileModels.Case hostile) {
        String kind = hostile.kind() + (hostile.name().startsWith("mutation") ? ", mutated" : "");
        try {
            Path directory = hostile.write(work);
            String name = "hostile-" + names++;
            Answer answer = api.uploadTo("/api/v1/models", "x.zip", zip(directory), Map.of("name", name));
            FileSystemUtils.deleteRecursively(directory);
            boolean refused = answer.status() == 422 || answer.status() == 413;
            assertThat(refused || answer.status() == 201)
                    .as("%s: %s", hostile, answer.json())
                    .isTrue();
            if ("zip_bomb".equals(answer.code())) {
                assertThat(answer.detail()).contains(".json"); // a file that packs too well is named before it is read
            } else if (hostile.expected().length > 0) {
                assertThat(answer.detail()).as("%s: %s", hostile, answer.json()).contains(hostile.expected());
            }
            count(kind, answer.status() == 201 ? "ready" : answer.code());
            if (answer.status() == 201) {
                call(kind, name);
                api.delete("/api/v1/models/" + answer.text("id"));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Calls a model that passed the check. */
    private void call(String kind, String name) {
        Answer predicted = api.post("/api/v1/models/" + name + "/predict", "{\"inputs\":[\"A text. 🙂\"]}");
        assertKnown(kind, predicted);
        Answer generated = api.post(
                "/api/v1/models/" + name + "/generate",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_new_tokens\":2}");
        assertKnown(kind, generated);
    }

    private static void assertKnown(String kind, Answer answer) {
        boolean known = answer.status() == 200 || answer.status() / 100 == 4 || answer.status() == 503;
        assertThat(known).as("%s: %s", kind, answer.json()).isTrue();
    }

    /** Sends awkward texts to a good classifier and a good decoder. */
    private void texts(int count, long seed) throws IOException {
        Random random = new Random(seed);
        Answer llama = api.uploadTo("/api/v1/models", "llama.zip", llama(), Map.of("name", "llama"));
        assertThat(llama.status()).as("%s", llama.json()).isEqualTo(201);
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int pieces = random.nextInt(5);
            for (int j = 0; j <= pieces; j++) {
                text.append(
                        PIECES.get(random.nextInt(PIECES.size())).repeat(1 + random.nextInt(random.nextInt(500) + 1)));
            }
            String json = Json.write(text.toString());
            Answer answer = i % 2 == 0
                    ? api.in(GOOD).post("/api/v1/models/good/predict", "{\"inputs\":[" + json + "]}")
                    : api.post(
                            "/api/v1/models/llama/generate",
                            i % 4 == 1
                                    ? "{\"prompt\":" + json + ",\"max_new_tokens\":2}"
                                    : "{\"messages\":[{\"role\":\"user\",\"content\":" + json
                                            + "}],\"max_new_tokens\":2}");
            assertKnown("text " + json, answer);
            count("text", answer.status() == 200 ? "200" : answer.code());
        }
    }

    private static byte[] llama() throws IOException {
        Zips zip = new Zips();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/models/llama"))) {
            for (Path file : files.filter(each -> !each.endsWith("golden.json")).toList()) {
                zip.with(file.getFileName().toString(), Files.readAllBytes(file), 0);
            }
        }
        return zip.bytes();
    }

    private void count(String name, String answer) {
        assertThat(server.isAlive()).as("the server after %s", name).isTrue();
        good.assertNoneFailed();
        Kind kind = kinds.computeIfAbsent(name, each -> new Kind());
        kind.cases++;
        kind.answers.merge(answer, 1, Integer::sum);
        kind.slowestGoodMillis = Math.max(kind.slowestGoodMillis, good.takeSlowest());
    }

    /** Calls a good model of another project all the time. */
    private static final class GoodCalls {
        private final ServerNode server;
        private final Thread thread = new Thread(this::call, "good-calls");
        private long count;
        private long slowest;
        private String failure = "";
        private boolean paused;
        private boolean open = true;

        GoodCalls(ServerNode server) {
            this.server = server;
            thread.start();
        }

        private void call() {
            Client api = server.client().in(GOOD);
            while (isOpen()) {
                long begin = System.nanoTime();
                String problem;
                try {
                    Answer answer = api.post("/api/v1/models/good/predict", "{\"inputs\":[\"A good text.\"]}");
                    problem = answer.status() == 200 ? "" : String.valueOf(answer.json());
                } catch (RuntimeException e) {
                    problem = e.toString();
                }
                took((System.nanoTime() - begin) / 1_000_000, problem);
            }
        }

        private synchronized boolean isOpen() {
            try {
                wait(BREAK_MILLIS);
                while (open && paused) {
                    notifyAll();
                    wait();
                }
            } catch (InterruptedException e) {
                open = false;
            }
            return open;
        }

        private synchronized void took(long millis, String problem) {
            count++;
            slowest = Math.max(slowest, millis);
            failure = failure.isEmpty() ? problem : failure;
        }

        synchronized long count() {
            return count;
        }

        void awaitCalls(int more) {
            long before = count();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> count() >= before + more);
        }

        synchronized long takeSlowest() {
            long taken = slowest;
            slowest = 0;
            return taken;
        }

        synchronized void assertNoneFailed() {
            assertThat(failure).as("a good call").isEmpty();
        }

        /** Waits for the end of a call in flight. */
        synchronized void pause() {
            paused = true;
            try {
                wait(60_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        synchronized void resume() {
            paused = false;
            notifyAll();
        }

        synchronized void close() {
            open = false;
            notifyAll();
        }
    }
}
