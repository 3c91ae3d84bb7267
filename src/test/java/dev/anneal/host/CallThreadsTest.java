package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallThreadsTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final HostOutput output = new HostOutput(written);
    private final Queue<Runnable> free = new ArrayDeque<>();
    private final CallThreads threads = new CallThreads(free::add);
    private final List<Long> done = new ArrayList<>();
    private Watchdog watchdog;

    @BeforeEach
    void watch() throws IOException {
        watchdog = new Watchdog(output, RunningSteps.open(directory.resolve("steps")), 600, false);
    }

    private HostCall execute(long id, String caller) {
        HostRequest request = new HostRequest(id, HostRequest.INSPECT, caller, "key", Json.MAPPER.nullNode());
        HostCall call = new HostCall(request, "cpu", output, watchdog, () -> {});
        threads.execute(call, () -> done.add(id));
        return call;
    }

    private void run() {
        while (!free.isEmpty()) {
            free.remove().run();
        }
    }

    @Test
    void callersTakeTurns() {
        for (long id : List.of(1L, 2L, 3L)) {
            execute(id, "a");
        }
        execute(4, "b");
        execute(5, "c");
        execute(6, "b");

        run();

        assertThat(done).containsExactly(1L, 4L, 5L, 2L, 6L, 3L);
    }

    @Test
    void aCallThatIsCancelledWhileItWaitsEndsAtOnceAndIsNotComputed() {
        execute(1, "a");
        HostCall cancelled = execute(2, "a");
        execute(3, "a");

        cancelled.cancel();

        assertThat(written.toString(StandardCharsets.UTF_8))
                .contains("\"id\":2")
                .contains("\"cancelled\"");
        run();
        assertThat(done).containsExactly(1L, 3L);
    }

    @Test
    void aCallWhoseWorkThrowsFails() {
        HostRequest request = new HostRequest(1, HostRequest.INSPECT, "a", "key", Json.MAPPER.nullNode());
        HostCall call = new HostCall(request, "cpu", output, watchdog, () -> {});
        threads.execute(call, () -> {
            throw new IllegalStateException("no room");
        });

        run();

        assertThat(written.toString(StandardCharsets.UTF_8)).contains("\"model_failed\"", "No room.");
    }
}
