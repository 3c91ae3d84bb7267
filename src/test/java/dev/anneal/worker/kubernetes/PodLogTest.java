package dev.anneal.worker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodLogTest {
    private final List<String> lines = new ArrayList<>();
    private final PodLog log = new PodLog(lines::add);

    @Test
    void eachLineIsReadOnceOverStreamsThatBreakOff() throws IOException {
        read("""
                2026-11-24T21:00:01.1Z a
                2026-11-24T21:00:02.000000001Z b
                2026-11-24T21:00:02.000000001Z b
                2026-11-24T21:00:02.000000001Z hal""", false);
        assertThat(lines).containsExactly("a", "b", "b");
        assertThat(log.since()).isEqualTo("2026-11-24T21:00:02.000000001Z");
        read("""
                2026-11-24T21:00:02Z older, of the same second
                2026-11-24T21:00:02.000000001Z b
                2026-11-24T21:00:02.000000001Z b
                2026-11-24T21:00:02.000000001Z half
                2026-11-24T21:00:03Z c
                """, false);
        read("2026-11-24T21:00:03Z c\n", true);
        assertThat(lines).containsExactly("a", "b", "b", "half", "c");
    }

    @Test
    void theLastLineOfATrainerThatEndedMayBeUnfinished() throws IOException {
        read("2026-11-24T21:00:01Z over and out", true);
        assertThat(lines).containsExactly("over and out");
    }

    /** The two streams of a container have separate timestamps. */
    @Test
    void aLineWithAnEarlierTimeThanThePreviousOneIsNotLost() throws IOException {
        read("""
                2026-11-24T21:00:01.2Z a warning
                2026-11-24T21:00:01.1Z done
                """, false);
        assertThat(lines).containsExactly("a warning", "done");
        read("""
                2026-11-24T21:00:01.2Z a warning
                2026-11-24T21:00:01.1Z done
                2026-11-24T21:00:03.2Z b
                2026-11-24T21:00:03.1Z c
                """, true);
        assertThat(lines).containsExactly("a warning", "done", "b", "c");
    }

    /** Such as the body of a 404 or a 502, or what the kubelet writes if it cannot read the log. */
    @Test
    void anErrorInsteadOfTheLogIsNotALineAndTheNextStreamContinues() throws IOException {
        read("2026-11-24T21:00:01Z a\n", false);

        assertThatThrownBy(() -> read("{\"kind\":\"Status\",\"message\":\"no node\"}\n", true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no node");
        assertThat(log.since()).isEqualTo("2026-11-24T21:00:01Z");

        read("2026-11-24T21:00:01Z a\n2026-11-24T21:00:02Z b\n", true);
        assertThat(lines).containsExactly("a", "b");
    }

    private void read(String text, boolean ended) throws IOException {
        log.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), ended);
    }
}
