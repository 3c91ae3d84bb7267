package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.json.Json;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.postgresql.PGConnection;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/**
 * Uploads a large CSV file of short texts with labels to its own server. The time is that from the first byte of the request
 * until the dataset is ready.
 */
final class IngestBench {
    private static final int MEGABYTE = 1_000_000;
    private static final List<String> LABELS = List.of("billing", "delivery", "praise", "question", "return", "other");
    private static final String WITHOUT = "{\"near_duplicates\":false}";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String BOUNDARY = "----boundary7f3a";

    /** A way to upload the file. */
    private record Upload(String name, boolean packed, String checks) {}

    /** A dataset and what it took. */
    private record Figures(
            long rows,
            double seconds,
            double copySeconds,
            double processorSeconds,
            double postgresSeconds,
            long peakMegabytes) {
        double perSecond() {
            return rows / seconds;
        }
    }

    private IngestBench() {}

    /** The arguments are the size in megabytes, the number of rounds, and a directory for the files. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[2])).toAbsolutePath();
        Path file = directory.resolve("rows-" + arguments[0] + ".csv");
        Path packed = directory.resolve("rows-" + arguments[0] + ".csv.gz");
        write(file, packed, Long.parseLong(arguments[0]) * MEGABYTE);
        System.out.printf(
                "%s: %,d MB, gzipped %,d MB%n",
                file.getFileName(), Files.size(file) / MEGABYTE, Files.size(packed) / MEGABYTE);
        System.out.println(
                "| upload | rows | s | rows/s | COPY, s | COPY, rows/s | ratio | processor s of the server | of Postgres | peak resident MB |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
            for (Upload upload : List.of(
                    new Upload("without near duplicates", false, WITHOUT),
                    new Upload("all checks", false, "{}"),
                    new Upload("without near duplicates, gzipped", true, WITHOUT),
                    new Upload("all checks, gzipped", true, "{}"))) {
                if (System.getenv("ONLY") != null && !System.getenv("ONLY").equals(upload.name())) {
                    continue;
                }
                Figures figures = measure(directory, file, upload.packed() ? packed : file, upload);
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %,d | %.1f | %,.0f | %.1f | %,.0f | %.1f | %.1f | %.1f | %,d |%n",
                        upload.name(),
                        figures.rows(),
                        figures.seconds(),
                        figures.perSecond(),
                        figures.copySeconds(),
                        figures.rows() / figures.copySeconds(),
                        figures.seconds() / figures.copySeconds(),
                        figures.processorSeconds(),
                        figures.postgresSeconds(),
                        figures.peakMegabytes());
            }
        }
    }

    /** Writes texts of 4 to 20 words, of which a few are frequent, and the same file gzipped, unless both are there. */
    private static void write(Path file, Path packed, long size) throws IOException {
        if (Files.exists(packed)) {
            return;
        }
        SplittableRandom random = new SplittableRandom(5);
        String[] words = new String[30_000];
        for (int i = 0; i < words.length; i++) {
            StringBuilder word = new StringBuilder();
            for (int letters = 2 + random.nextInt(i < 200 ? 3 : 9); letters > 0; letters--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words[i] = word.toString();
        }
        try (Writer out = new BufferedWriter(new OutputStreamWriter(Files.newOutputStream(file), UTF_8), 1 << 16)) {
            out.write("text,label\n");
            StringBuilder row = new StringBuilder();
            for (long written = 11; written < size; written += row.length()) {
                row.setLength(0);
                boolean quoted = random.nextInt(4) == 0;
                row.append(quoted ? "\"" : "");
                for (int count = 4 + random.nextInt(17); count > 0; count--) {
                    double place = random.nextDouble();
                    row.append(words[(int) (place * place * place * words.length)]);
                    row.append(count == 1 ? "" : quoted && random.nextInt(6) == 0 ? ", " : " ");
                }
                row.append(quoted ? "\"" : "")
                        .append(',')
                        .append(LABELS.get(random.nextInt(LABELS.size())))
                        .append('\n');
                out.append(row);
            }
        }
        Path part = packed.resolveSibling("part.gz");
        try (InputStream in = Files.newInputStream(file);
                OutputStream out =
                        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16), 1 << 16)) {
            in.transferTo(out);
        }
        Files.move(part, packed);
    }

    private static Figures measure(Path directory, Path file, Path sent, Upload upload) throws Exception {
        Path data = Files.createTempDirectory(directory, "data");
        int port = freePort();
        ProcessBuilder command = new ProcessBuilder(
                        "./anneal",
                        "serve",
                        "--port",
                        String.valueOf(port),
                        "--data",
                        data.toString(),
                        "--roles",
                        "api",
                        "--anneal.limits.max-rows=0")
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("server.log").toFile());
        command.environment().put("JAVA_TOOL_OPTIONS", "-Xmx256m -Djava.io.tmpdir=" + data + extra());
        Process server = command.start();
        try {
            String base = "http://127.0.0.1:" + port;
            awaitReady(server, base, data);
            double copySeconds = copy(data, file);
            double processor = processorSeconds(Stream.of(server.toHandle()));
            double postgresBefore = processorSeconds(postgres(data));
            long begin = System.nanoTime();
            JsonNode dataset =
                    upload(base, Files.readString(data.resolve("admin.key")).strip(), sent, upload);
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new Figures(
                    dataset.get("row_count").asLong(),
                    seconds,
                    copySeconds,
                    processorSeconds(Stream.of(server.toHandle())) - processor,
                    processorSeconds(postgres(data)) - postgresBefore,
                    peak(server.pid()));
        } finally {
            server.destroy();
            if (!server.waitFor(60, TimeUnit.SECONDS)) {
                server.destroyForcibly().waitFor();
            }
            FileSystemUtils.deleteRecursively(data);
        }
    }

    private static double processorSeconds(Stream<ProcessHandle> processes) {
        return processes
                        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                        .mapToLong(Duration::toMillis)
                        .sum()
                / 1e3;
    }

    /** Returns more options of the server's JVM, such as those of a profiler. */
    private static String extra() {
        String given = System.getenv("SERVER_OPTIONS");
        return given == null ? "" : " " + given;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitReady(Process server, String base, Path data) throws Exception {
        HttpRequest ready = HttpRequest.newBuilder(URI.create(base + "/actuator/health/readiness"))
                .build();
        while (true) {
            if (!server.isAlive()) {
                throw new IllegalStateException(Files.readString(data.resolve("server.log")));
            }
            try {
                if (HTTP.send(ready, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // it starts
            }
            Thread.sleep(200);
        }
    }

    /** Returns the processes of the server's Postgres. */
    private static Stream<ProcessHandle> postgres(Path data) throws IOException {
        long postmaster = Long.parseLong(Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"))
                .get(0));
        return ProcessHandle.of(postmaster).orElseThrow().descendants();
    }

    /** Copies the file into a table of the server's Postgres, and returns the seconds. */
    private static double copy(Path data, Path file) throws IOException, SQLException {
        List<String> lines = Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"));
        String password = Files.readString(data.resolve("postgres/password")).strip();
        String url = "jdbc:postgresql://localhost:" + lines.get(3).strip() + "/postgres";
        try (Connection connection = DriverManager.getConnection(url, "postgres", password);
                Statement statement = connection.createStatement()) {
            statement.execute("create table floor (text text, label text)");
            long begin = System.nanoTime();
            try (InputStream in = Files.newInputStream(file)) {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("copy floor from stdin (format csv, header)", in, 1 << 16);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            statement.execute("drop table floor");
            statement.execute("checkpoint");
            return seconds;
        }
    }

    private static JsonNode upload(String base, String key, Path file, Upload upload) throws Exception {
        String form = part("checks", "") + upload.checks() + "\r\n"
                + part("file", "; filename=\"" + file.getFileName() + "\"");
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/api/v1/datasets"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(form),
                        BodyPublishers.ofFile(file),
                        BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")))
                .build();
        HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
        JsonNode dataset = Json.MAPPER.readTree(response.body());
        while (response.statusCode() / 100 == 2
                && dataset.get("status").asString().equals("validating")) {
            Thread.sleep(250);
            response = HTTP.send(
                    HttpRequest.newBuilder(URI.create(base + "/api/v1/datasets/"
                                    + dataset.get("id").asString()))
                            .header("Authorization", "Bearer " + key)
                            .build(),
                    BodyHandlers.ofString());
            dataset = Json.MAPPER.readTree(response.body());
        }
        if (response.statusCode() / 100 != 2
                || !dataset.get("status").asString().equals("ready")) {
            throw new IllegalStateException(response.body());
        }
        return dataset;
    }

    private static String part(String name, String more) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n";
    }

    /** Returns the most memory that a process had. */
    private static long peak(long pid) throws IOException {
        List<String> numbers = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmHWM:")) {
                numbers.add(line.replaceAll("\\D", ""));
            }
        }
        return Long.parseLong(numbers.get(0)) / 1024;
    }
}
