package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A server process that is killed, stopped and started again, always on its own port and data directory. */
final class ServerNode implements AutoCloseable {
    /** The command line of a trainer ends with its work directory. */
    private static final Pattern TRAINER = Pattern.compile("/(job_\\w+)-(\\d+)\\x00$");

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    final String name;
    private final Path data;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private Map<String, String> more = Map.of();
    private final int port = freePort();
    private Process process;

    ServerNode(String name, Path data, List<String> arguments, Map<String, String> environment) {
        this.name = name;
        this.data = data;
        this.arguments = arguments;
        this.environment = environment;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ServerNode start() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.anneal.Anneal",
                "serve",
                "--port",
                String.valueOf(port),
                "--data",
                data.toString(),
                "--anneal.inference.spare-hosts=0"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Adds variables to its environment for the next start. */
    ServerNode with(Map<String, String> more) {
        this.more = more;
        return this;
    }

    ServerNode awaitReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    assertThat(process.isAlive()).as("%s", tail()).isTrue();
                    return answers();
                });
        return this;
    }

    boolean answers() {
        HttpRequest ready = HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return HTTP.send(ready, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Path data() {
        return data;
    }

    private Path log() {
        return data.resolve(name + ".log");
    }

    /** Returns its log since the first start. */
    String output() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String tail() {
        String output = output();
        return output.substring(Math.max(0, output.length() - 6000));
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    Client client() {
        try {
            return new Client(url(), Files.readString(data.resolve("admin.key")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** The trainer of one job and the number of its attempt. */
    record Trainer(String job, int attempt, ProcessHandle process) {}

    /** Returns the running trainers that this process has started. */
    List<Trainer> trainers() {
        return isAlive() ? handle().descendants().flatMap(ServerNode::trainer).toList() : List.of();
    }

    Optional<Trainer> trainer(String job) {
        return trainers().stream().filter(trainer -> trainer.job().equals(job)).findFirst();
    }

    private static Stream<Trainer> trainer(ProcessHandle process) {
        try {
            Matcher matcher = TRAINER.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")));
            return matcher.find()
                    ? Stream.of(new Trainer(matcher.group(1), Integer.parseInt(matcher.group(2)), process))
                    : Stream.empty();
        } catch (IOException gone) {
            return Stream.empty();
        }
    }

    Trainer awaitTrainer(String job) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> trainer(job), Optional::isPresent)
                .orElseThrow();
    }

    /** Kills only this process. What it has started must end without help. */
    void kill() {
        List<ProcessHandle> children =
                handle().descendants().filter(ServerNode::isJava).toList();
        handle().destroyForcibly();
        Signals.awaitEnd(handle(), 30);
        children.forEach(child -> Signals.awaitEnd(child, 30));
    }

    private static boolean isJava(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("java");
    }

    /** Kills this process and everything it has started, its Postgres included. */
    void killTree() {
        Optional<ProcessHandle> postmaster = postmaster();
        Signals.killTree(handle());
        postmaster.ifPresent(Signals::killTree);
    }

    private Optional<ProcessHandle> postmaster() {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"))
                    .get(0)
                    .strip()));
        } catch (IOException external) {
            return Optional.empty();
        }
    }

    /** Sends SIGTERM, as a service manager does, and returns how long the process took to end. */
    Duration terminate(int withinSeconds) {
        long begin = System.nanoTime();
        handle().destroy();
        Signals.awaitEnd(handle(), withinSeconds);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public void close() {
        if (isAlive()) {
            Signals.send("CONT", handle());
            terminate(60);
        }
    }
}
