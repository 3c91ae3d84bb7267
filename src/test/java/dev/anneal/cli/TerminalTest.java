package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void aLinePushesTheLiveLineAway() {
        Run run = Run.capture(true, terminal -> {
            terminal.live("50%");
            terminal.line("row");
            terminal.live("60%");
            terminal.close();
            terminal.live("70%");
            terminal.line("last words");
            return 0;
        });

        assertThat(run.out()).isEqualTo("\r\033[2K50%\r\033[2Krow\n\r\033[2K60%\r\033[2Klast words\n");
    }

    @Test
    void withoutATerminalNothingIsRedrawnButTheStateIsSaid() {
        Run run = Run.capture(false, terminal -> {
            terminal.live("50%");
            terminal.status("waiting");
            return 0;
        });

        assertThat(run.out()).isEqualTo("waiting\n");
    }

    @Test
    void aBarNeverWraps() {
        Run.capture(true, terminal -> {
            assertThat(Bar.of(0.5, "word ".repeat(40), terminal)).hasSizeLessThan(terminal.width());
            assertThat(Bar.of(7, "", terminal)).startsWith("━".repeat(28));
            return 0;
        });
    }

    @Test
    void quantitiesAreShort() {
        assertThat(Units.bytes(999)).isEqualTo("999 B");
        assertThat(Units.bytes(999_950)).isEqualTo("1.0 MB");
        assertThat(Units.bytes(90_868_376)).isEqualTo("91 MB");
        assertThat(Units.seconds(9.94)).isEqualTo("9.9 s");
        assertThat(Units.seconds(59.7)).isEqualTo("1 min 00 s");
        assertThat(Units.seconds(3_725)).isEqualTo("1 h 02 min");
        assertThat(Units.number(5e-5) + " " + Units.number(32) + " " + Units.number(0.01))
                .isEqualTo("5e-5 32 0.01");
        assertThat(Units.shorten(" a\n  long text ", 6)).isEqualTo("a lon…");
    }
}
