package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The starts and ends of spare processes, which here write the options that they get into a file. */
@Timeout(60)
class SpareHostsTest {
    private final AtomicLong clock = new AtomicLong();
    private final List<Process> started = new ArrayList<>();
    private final SpareHosts spares = new SpareHosts(this::start, clock::get);

    @TempDir
    Path directory;

    private Process start() throws IOException {
        Path file = directory.resolve("options" + started.size());
        Process process =
                new ProcessBuilder("sh", "-c", "read options; echo $options > $0; cat", file.toString()).start();
        started.add(process);
        return process;
    }

    @AfterEach
    void endProcesses() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void aModelTakesASpareProcessWhichIsReplacedAfterAPause() {
        keepAfter(SpareHosts.PAUSE.toNanos());

        assertThat(spares.take("of a model")).isSameAs(started.get(0));

        Path options = directory.resolve("options0");
        Awaitility.await()
                .until(() -> Files.exists(options) && Files.readString(options).equals("of a model\n"));
        keepAfter(SpareHosts.PAUSE.toNanos() - 1);
        assertThat(started).as("the processor is for the model").hasSize(1);
        assertThat(spares.take("of another model")).isNull();
        keepAfter(SpareHosts.PAUSE.toNanos());
        assertThat(started).hasSize(2);
        assertThat(spares.take("of a third model")).isSameAs(started.get(1));
    }

    @Test
    void aSpareProcessThatIsKilledIsNotTaken() {
        keepAfter(SpareHosts.PAUSE.toNanos());
        kill(started.get(0));

        assertThat(spares.take("of a model")).isNull();
    }

    @Test
    void aSpareProcessThatIsKilledIsReplacedAfterALongPause() {
        keepAfter(SpareHosts.PAUSE.toNanos());
        kill(started.get(0));

        keepAfter(SpareHosts.PAUSE.toNanos());
        assertThat(started).hasSize(1);
        keepAfter(SpareHosts.LONG_PAUSE.toNanos());
        assertThat(started).hasSize(2);
    }

    @Test
    void aModelThatTakesNoneDoesNotShortenTheLongPause() {
        keepAfter(SpareHosts.PAUSE.toNanos());
        kill(started.get(0));
        keepAfter(SpareHosts.PAUSE.toNanos());

        assertThat(spares.take("of a model")).isNull();

        keepAfter(SpareHosts.PAUSE.toNanos());
        assertThat(started).hasSize(1);
    }

    @Test
    void spareProcessesEndIfThereIsNoMemoryForThem() {
        keepAfter(SpareHosts.PAUSE.toNanos());

        spares.keep(0);

        assertEnds(started.get(0));
        assertThat(spares.take("of a model")).isNull();
    }

    @Test
    void spareProcessesEndWithTheServer() {
        keepAfter(SpareHosts.PAUSE.toNanos());

        spares.close();

        assertEnds(started.get(0));
        keepAfter(SpareHosts.LONG_PAUSE.toNanos());
        assertThat(started).hasSize(1);
    }

    /** Looks for one spare process after a time, as the watch of the pool does each second. */
    private void keepAfter(long nanos) {
        clock.addAndGet(nanos);
        spares.keep(1);
    }

    private static void kill(Process process) {
        process.destroyForcibly();
        assertEnds(process);
    }

    private static void assertEnds(Process process) {
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
