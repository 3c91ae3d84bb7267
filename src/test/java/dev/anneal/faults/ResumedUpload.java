package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.files.DurableFiles;
import dev.anneal.testing.Client;
import dev.anneal.testing.TestServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** Uploads a file with the command line, kills the command, gives it again, kills the server, and starts the server again. */
final class ResumedUpload {
    private ResumedUpload() {}

    /** Runs it with a file of so many megabytes, over a connection without a limit. */
    public static void main(String[] arguments) throws Exception {
        long bytes = Long.parseLong(arguments[0]) << 20;
        Path root = TestServer.newDirectory().toAbsolutePath();
        try (ServerNode server = new ServerNode(
                "server", Files.createDirectories(root.resolve("data")), List.of("--roles", "api"), Map.of())) {
            server.start().awaitReady();
            run(server, server.url(), file(root.resolve("rows.csv"), bytes, 60));
        } finally {
            Installation.removeAllButLogs(root);
        }
    }

    /** Writes a CSV file with labels and texts of so many words. */
    static Path file(Path file, long bytes, int words) throws IOException {
        Random random = new Random(7);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("text,label\n");
            for (long written = 11; written < bytes; ) {
                StringBuilder row = new StringBuilder();
                for (int i = 0; i < words; i++) {
                    row.append(Integer.toString(random.nextInt(1_000_000), 36)).append(' ');
                }
                row.append(random.nextBoolean() ? ",good\n" : ",bad\n");
                out.append(row);
                written += row.length();
            }
        }
        return file;
    }

    static void run(ServerNode server, String url, Path file) throws Exception {
        long size = Files.size(file);
        long begin = System.nanoTime();
        Path output = file.resolveSibling("client.log");
        Process client = client(server, url, file, output);
        awaitReceived(server, client, size * 3 / 10);
        client.destroyForcibly().waitFor();
        long first = received(server);
        say(begin, "the client was killed with %,d of %,d bytes received", first, size);
        assertThat(first).isLessThan(size);

        Process again = client(server, url, file, output);
        awaitReceived(server, again, size * 6 / 10);
        server.kill();
        long second = received(server);
        say(begin, "the server was killed with %,d bytes received", second);
        assertThat(second).isGreaterThan(first).isLessThan(size);
        server.start().awaitReady();
        say(begin, "the server is back");

        assertThat(again.waitFor(20, TimeUnit.MINUTES)).isTrue();
        String printed = Files.readString(output);
        assertThat(again.exitValue()).as(printed).isZero();
        assertThat(printed).contains("Resuming at ");
        say(begin, "the second command has ended:%n%s", printed.strip());
        Client api = server.client();
        JsonNode dataset =
                api.get("/api/v1/datasets?limit=1").json().get("data").get(0);
        assertThat(dataset.get("status").asString()).isEqualTo("ready");
        assertThat(dataset.get("sha256").asString()).isEqualTo(DurableFiles.sha256(file));
        assertThat(api.get("/api/v1/uploads").json().get("data")).isEmpty();
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(DurableFiles.files(server.data().resolve("uploads")))
                        .isEmpty());
        say(
                begin,
                "the dataset %s has the SHA-256 of the file, and nothing else is left",
                dataset.get("id").asString());
    }

    private static void say(long begin, String text, Object... values) {
        System.out.printf("%6.1f s  %s%n", (System.nanoTime() - begin) / 1e9, text.formatted(values));
    }

    private static Process client(ServerNode server, String url, Path file, Path output) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.anneal.Anneal",
                "upload",
                file.toString(),
                "--resumable",
                "--checks",
                "near_duplicates=false"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("ANNEAL_URL", url);
        builder.environment().put("ANNEAL_KEY", server.client().key());
        return builder.start();
    }

    private static long received(ServerNode server) throws IOException {
        Path parts = server.data().resolve("uploads/parts");
        if (!Files.isDirectory(parts)) {
            return 0;
        }
        long size = 0;
        try (Stream<Path> files = Files.list(parts)) {
            for (Path file :
                    files.filter(path -> !path.toString().endsWith(".lock")).toList()) {
                size = Math.max(size, Files.size(file));
            }
        }
        return size;
    }

    private static void awaitReceived(ServerNode server, Process client, long bytes) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    assertThat(client.isAlive())
                            .as("the command ended too early")
                            .isTrue();
                    return received(server) >= bytes;
                });
    }
}
