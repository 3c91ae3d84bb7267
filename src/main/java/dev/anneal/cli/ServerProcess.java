package dev.anneal.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server that runs beside this command, and {@code <data>/server.pid}, by which a later command finds it. */
record ServerProcess(ProcessHandle handle, Path data) {
    private static final int PATIENCE_SECONDS = 40;

    /** Starts the server as this command itself was started: the same Java, and the same jar or class path. */
    static ServerProcess start(String mainClass, int port, Path data) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        String classPath = System.getProperty("java.class.path");
        ProcessBuilder builder = new ProcessBuilder(command);
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", Path.of(classPath).toAbsolutePath().toString()));
        } else {
            // Not an argument: a long one would push the others out of what the system shows of a process.
            builder.environment().put("CLASSPATH", classPath);
            command.add(mainClass);
        }
        command.addAll(List.of("serve", "--port", Integer.toString(port), "--data", data.toString()));
        Files.createDirectories(data);
        Process process = builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log(data).toFile())
                .start();
        Files.writeString(pidFile(data), process.pid() + "\n");
        return new ServerProcess(process.toHandle(), data);
    }

    /** The running server of a data directory, if its process is there and is really that server. */
    static Optional<ServerProcess> find(Path data) throws IOException {
        if (!Files.exists(pidFile(data))) {
            return Optional.empty();
        }
        String pid = Files.readString(pidFile(data)).strip();
        return Optional.of(pid)
                .filter(text -> text.matches("\\d{1,18}"))
                .flatMap(text -> ProcessHandle.of(Long.parseLong(text)))
                .filter(handle -> serves(handle, data))
                .map(handle -> new ServerProcess(handle, data));
    }

    /** A pid is soon another process's; the command line tells. */
    private static boolean serves(ProcessHandle handle, Path data) {
        String command = handle.info().commandLine().orElse("");
        return handle.isAlive() && command.contains(" serve ") && command.endsWith(" --data " + data);
    }

    long pid() {
        return handle.pid();
    }

    boolean isAlive() {
        return handle.isAlive();
    }

    /** Asks the process to end, and comes back when it is gone. */
    void stop() {
        handle.destroy();
        try {
            handle.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            handle.destroyForcibly();
            handle.onExit().join();
        } catch (ExecutionException | InterruptedException cannotWait) {
            throw new Failure("The server (pid " + pid() + ") was asked to stop, but may still run.");
        }
        forget(data);
    }

    static void forget(Path data) {
        try {
            Files.deleteIfExists(pidFile(data));
        } catch (IOException undeletable) {
            // A stale pid file does no harm: the command line is looked at, too.
        }
    }

    static Path log(Path data) {
        return data.resolve("server.log");
    }

    private static Path pidFile(Path data) {
        return data.resolve("server.pid");
    }
}
