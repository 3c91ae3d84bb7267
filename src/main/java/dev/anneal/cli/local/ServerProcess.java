package dev.anneal.cli.local;

import dev.anneal.cli.terminal.Failure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts a server in another process, and stops one. */
public final class ServerProcess {
    private static final int STOP_SECONDS = 40;

    private ServerProcess() {}

    /** Starts the server as this command itself was started: with the same Java, and the same jar or class path. */
    static ProcessHandle start(String mainClass, int port, Path data) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+ExitOnOutOfMemoryError");
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        for (String property : List.of("anneal.program", "anneal.home")) {
            if (System.getProperty(property) != null) {
                command.add("-D" + property + "=" + System.getProperty(property));
            }
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
        return builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log(data).toFile())
                .start()
                .toHandle();
    }

    /** Asks a server to shut down and waits until its process has ended. */
    public static void stop(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            process.destroyForcibly();
            process.onExit().join();
        } catch (ExecutionException | InterruptedException cannotWait) {
            throw new Failure("The server (pid " + process.pid() + ") was asked to stop, but may still be running.");
        }
    }

    static Path log(Path data) {
        return data.resolve("server.log");
    }
}
