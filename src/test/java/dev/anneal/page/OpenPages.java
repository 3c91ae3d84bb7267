package dev.anneal.page;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Measures how much processor time a server takes while pages are open on a running job. bench/page starts it. */
final class OpenPages implements AutoCloseable {
    private final Path data = TestServer.newDataDirectory().toAbsolutePath();
    private final String url;
    private final Process server;

    private OpenPages() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        url = "http://127.0.0.1:" + port;
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.anneal.Anneal",
                        "serve",
                        "--port",
                        String.valueOf(port),
                        "--data",
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("output.log").toFile())
                .start();
        Awaitility.await().atMost(Duration.ofMinutes(3)).ignoreExceptions().until(this::isReady);
    }

    private boolean isReady() throws IOException, InterruptedException {
        HttpRequest ready = HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness"))
                .build();
        return HttpClient.newHttpClient().send(ready, BodyHandlers.discarding()).statusCode() == 200;
    }

    /** Arguments: the number of pages, and the seconds of each measurement. */
    public static void main(String[] args) throws IOException, InterruptedException {
        try (OpenPages measured = new OpenPages()) {
            measured.run(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
        }
    }

    private void run(int pages, int seconds) throws IOException, InterruptedException {
        String key = Files.readString(data.resolve("admin.key")).strip();
        Client api = new Client(url, key);
        String job = startJob(api);
        try (Chromium browser = new Chromium(Chromium.find().orElseThrow())) {
            browser.open(url + "/ui");
            browser.type("#key", key);
            browser.clickOn("Sign in");
            browser.await("document.querySelector('h1')?.innerText === 'Home'");
            browser.call("Page.navigate", Map.of("url", "about:blank"));
            double before = use(seconds);
            for (int i = 0; i < pages; i++) {
                browser.openBeside(url + "/ui/jobs/" + job);
            }
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofSeconds(2))
                    .until(() -> streams(key) >= pages);
            double with = use(seconds);
            if (streams(key) < pages) {
                throw new IllegalStateException(streams(key) + " of " + pages + " pages are connected");
            }
            System.out.printf(
                    "%d pages on a running job: the server takes %.1f %% of a core, %.1f %% without pages, so %.1f %% more%n",
                    pages, with, before, with - before);
        }
        String status = api.get("/api/v1/jobs/" + job).text("status");
        if (!status.equals("running")) {
            throw new IllegalStateException("the job is " + status);
        }
    }

    /** Returns how many pages follow the events of the job. */
    private double streams(String key) throws IOException, InterruptedException {
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(url + "/actuator/prometheus"))
                .header("Authorization", "Bearer " + key)
                .build();
        return HttpClient.newHttpClient()
                .send(metrics, BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("anneal_event_streams"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static String startJob(Client api) {
        String dataset = api.upload("reviews.csv", Reviews.csv(1000), Map.of()).text("id");
        String job = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\": \"all-MiniLM-L6-v2\", \"dataset\": \"%s\", \"hyperparameters\": {\"epochs\": 100}}"
                                .formatted(dataset))
                .text("id");
        api.stream("/api/v1/jobs/" + job + "/events", null, lines -> lines.anyMatch("event:step"::equals));
        return job;
    }

    /** Returns the processor use of the server, without its child processes, in per cent of a core. */
    private double use(int seconds) throws InterruptedException {
        Duration before = server.info().totalCpuDuration().orElseThrow();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        Duration used = server.info().totalCpuDuration().orElseThrow().minus(before);
        return 100.0 * used.toNanos() / (System.nanoTime() - begin);
    }

    @Override
    public void close() {
        server.destroy();
        server.onExit().join();
    }
}
