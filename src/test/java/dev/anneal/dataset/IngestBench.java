package dev.anneal.dataset;

import dev.anneal.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/**
 * Uploads a large CSV file of short texts with labels to its own server. The time is that from the first byte of the request
 * until the dataset is ready. Fails if an upload fails, is too slow, or stores other rows than those of the file.
 */
final class IngestBench {
    private static final int MEGABYTE = 1_000_000;
    private static final String HEAP = "-Xmx256m";
    private static final String WITHOUT = "{\"near_duplicates\":false}";
    private static final List<Upload> UPLOADS = List.of(
            new Upload("without near duplicates", false, WITHOUT, 60_000),
            new Upload("all checks", false, "{}", 25_000),
            new Upload("without near duplicates, gzipped", true, WITHOUT, 60_000),
            new Upload("all checks, gzipped", true, "{}", 25_000));

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String BOUNDARY = "----boundary7f3a";

    /** A way to upload the file, and the rows a second that it must reach. */
    private record Upload(String name, boolean packed, String checks, int goal) {}

    /** The time of a plain COPY of the file, and the digest of its rows. */
    private record Floor(double seconds, String digest) {}

    /** A dataset and what it took. */
    private record Figures(
            long rows,
            String digest,
            Floor floor,
            double seconds,
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
        IngestFile.write(file, packed, Long.parseLong(arguments[0]) * MEGABYTE);
        System.out.printf(
                "%s: %,d MB, gzipped %,d MB%n",
                file.getFileName(), Files.size(file) / MEGABYTE, Files.size(packed) / MEGABYTE);
        System.out.println(
                "| upload | rows | s | rows/s | COPY, s | COPY, rows/s | ratio | processor s of the server | of Postgres | peak resident MB |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        List<String> missed = new ArrayList<>();
        for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
            for (Upload upload : uploads(System.getenv("ONLY"))) {
                run(directory, upload.packed() ? packed : file, file, upload, missed);
            }
        }
        missed.forEach(each -> System.err.println("Missed: " + each));
        System.exit(missed.isEmpty() ? 0 : 1);
    }

    private static List<Upload> uploads(@Nullable String only) {
        List<Upload> chosen = UPLOADS.stream()
                .filter(upload -> only == null || only.equals(upload.name()))
                .toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(
                    "ONLY must be one of " + UPLOADS.stream().map(Upload::name).toList());
        }
        return chosen;
    }

    private static void run(Path directory, Path sent, Path file, Upload upload, List<String> missed) throws Exception {
        Figures figures;
        try {
            figures = measure(directory, file, sent, upload);
        } catch (IllegalStateException failed) {
            missed.add("%s: the server with %s failed: %s".formatted(upload.name(), HEAP, failed.getMessage()));
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %.1f | %,.0f | %.1f | %,.0f | %.1f | %.1f | %.1f | %,d |%n",
                upload.name(),
                figures.rows(),
                figures.seconds(),
                figures.perSecond(),
                figures.floor().seconds(),
                figures.rows() / figures.floor().seconds(),
                figures.seconds() / figures.floor().seconds(),
                figures.processorSeconds(),
                figures.postgresSeconds(),
                figures.peakMegabytes());
        if (figures.perSecond() < upload.goal()) {
            missed.add("%s: %,.0f rows/s are below %,d.".formatted(upload.name(), figures.perSecond(), upload.goal()));
        }
        if (!figures.digest().equals(figures.floor().digest())) {
            missed.add("%s: the dataset has %s, but the file has %s."
                    .formatted(upload.name(), figures.digest(), figures.floor().digest()));
        }
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
        command.environment().put("JAVA_TOOL_OPTIONS", HEAP + " -Djava.io.tmpdir=" + data + extra());
        Process server = command.start();
        try {
            String base = "http://127.0.0.1:" + port;
            awaitReady(server, base, data);
            Floor floor = copy(data, file);
            double processor = processorSeconds(Stream.of(server.toHandle()));
            double postgresBefore = processorSeconds(postgres(data));
            long begin = System.nanoTime();
            JsonNode dataset =
                    upload(base, Files.readString(data.resolve("admin.key")).strip(), sent, upload);
            double seconds = (System.nanoTime() - begin) / 1e9;
            processor = processorSeconds(Stream.of(server.toHandle())) - processor;
            double postgresSeconds = processorSeconds(postgres(data)) - postgresBefore;
            long peak = peak(server.pid());
            return new Figures(
                    dataset.get("row_count").asLong(), stored(data), floor, seconds, processor, postgresSeconds, peak);
        } catch (IOException e) {
            throw new IllegalStateException(e + "\n" + end(data.resolve("server.log")), e);
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

    /** Returns the last lines of a log. */
    private static String end(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
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
                throw new IllegalStateException(end(data.resolve("server.log")));
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

    private static Connection connect(Path data) throws IOException, SQLException {
        List<String> lines = Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"));
        String password = Files.readString(data.resolve("postgres/password")).strip();
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + lines.get(3).strip() + "/postgres", "postgres", password);
    }

    /** Returns the digest of all rows of the server. */
    private static String stored(Path data) throws IOException, SQLException {
        try (Connection connection = connect(data);
                Statement statement = connection.createStatement()) {
            return digest(
                    statement,
                    "(select content->>'text' as text, content->>'label' as label from dataset_rows) stored");
        }
    }

    /** Returns the number of rows and the sum of their hashes, which is the same in any order. */
    private static String digest(Statement statement, String rows) throws SQLException {
        try (ResultSet found = statement.executeQuery(
                "select count(*) || ' rows with the sum ' || sum(hashtextextended(text || '|' || label, 0)) from "
                        + rows)) {
            found.next();
            return found.getString(1);
        }
    }

    /** Copies the file into a table of the server's Postgres. */
    private static Floor copy(Path data, Path file) throws IOException, SQLException {
        try (Connection connection = connect(data);
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
            String digest = digest(statement, "floor");
            statement.execute("drop table floor");
            statement.execute("checkpoint");
            return new Floor(seconds, digest);
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
