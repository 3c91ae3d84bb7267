package dev.anneal.hosting;

import dev.anneal.host.ModelHost;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The time of a call through the pipes to a model host and back: {@code HostBench <directory of a model>}. */
final class HostBench {
    private static final int CALLS = 5000;

    private HostBench() {}

    public static void main(String[] arguments) throws Exception {
        Path steps = Files.createTempFile("bench", ".steps");
        HostOptions options =
                new HostOptions(arguments[0], "cpu", 2, 0, 1, 1, 1, "fp32", null, false, steps.toString(), 60, 60);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ModelHost.class.getName(),
                        Json.write(options))
                .start();
        HostProcess host = new HostProcess("bench", process, RunningSteps.open(steps), loaded -> {}, ended -> {});
        TokenizeMessage nothing = new TokenizeMessage(List.of());
        double[] micros = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            long begun = System.nanoTime();
            Objects.requireNonNull(host.call(HostRequest.TOKENIZE, "me", "mine", nothing, piece -> {}))
                    .join();
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        double[] warm = Arrays.copyOfRange(micros, CALLS / 2, CALLS);
        Arrays.sort(warm);
        System.out.printf(
                "a call through the pipes: median %.0f µs, fastest %.0f, one of ten slower than %.0f%n",
                warm[warm.length / 2], warm[0], warm[warm.length * 9 / 10]);
        host.close();
        Files.delete(steps);
    }
}
