package dev.anneal.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.text.Durations;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicInteger width = new AtomicInteger(100);

    private Terminal terminal(boolean live) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new Terminal(stream, stream, live, false, width::get);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineReplacesTheLiveLine() {
        Terminal terminal = terminal(true);
        terminal.live("50%");
        terminal.line("row");
        terminal.live("60%");
        terminal.close();
        terminal.live("70%");
        terminal.line("last words");

        assertThat(printed()).isEqualTo("\r\033[2K50%\r\033[2Krow\n\r\033[2K60%\r\033[2Klast words\n");
    }

    @Test
    void withoutATerminalTheStateIsALineAndNothingIsRedrawn() {
        Terminal terminal = terminal(false);
        terminal.live("50%");
        terminal.status("waiting");

        assertThat(printed()).isEqualTo("waiting\n");
    }

    @Test
    void namesAndModelOutputCannotControlTheTerminal() {
        Terminal terminal = terminal(true);
        terminal.line("name \033]0;title\007\033[2J\u202egnp\r end\ttab 日本 👩‍🚀");
        terminal.piece("\u009b2Ktext");
        terminal.error("\bno");
        terminal.line("\033[1mbold\033[0m");
        terminal.line("\033[8mhidden");
        terminal.piece("\033[31mred\n");

        assertThat(printed())
                .isEqualTo("name ]0;title[2Jgnp end\ttab 日本 👩‍🚀\n2Ktextno\n\033[1mbold\033[0m\n[8mhidden\n[31mred\n");
    }

    @Test
    void aBarNeverWraps() {
        Terminal terminal = terminal(true);

        assertThat(ProgressBar.of(0.5, "word ".repeat(40), terminal)).hasSizeLessThan(100);
        assertThat(ProgressBar.of(7, "", terminal)).startsWith("━".repeat(33) + "  ");
    }

    @Test
    void aBarFollowsTheWidthOfTheWindow() {
        Terminal terminal = terminal(true);
        width.set(160);
        assertThat(ProgressBar.of(0.5, "word ".repeat(40), terminal))
                .startsWith("━".repeat(27) + "─")
                .hasSize(159);

        width.set(40);
        assertThat(ProgressBar.of(0.5, "word ".repeat(40), terminal))
                .startsWith("━".repeat(7) + "─")
                .hasSize(39);
    }

    @Test
    void aTransferShowsTheShareAndThenWhatFollows() {
        TransferProgress transfer = new TransferProgress("uploading", 1_000, "checking", terminal(true));
        transfer.accept(330);
        transfer.accept(330);
        transfer.accept(1_000);

        assertThat(printed())
                .containsSubsequence("uploading 330 B of 1.0 kB", "checking")
                .doesNotContain("uploading 1.0 kB");
        assertThat(printed().split("uploading")).as("each share is drawn once").hasSize(2);
    }

    @Test
    void quantitiesAreShort() {
        assertThat(Units.bytes(999)).isEqualTo("999 B");
        assertThat(Units.bytes(999_950)).isEqualTo("1.0 MB");
        assertThat(Units.bytes(90_868_376)).isEqualTo("91 MB");
        assertThat(Durations.seconds(9.94)).isEqualTo("9.9 s");
        assertThat(Durations.seconds(59.7)).isEqualTo("1 min 00 s");
        assertThat(Durations.seconds(3_725)).isEqualTo("1 h 02 min");
        assertThat(Units.number(5e-5) + " " + Units.number(32) + " " + Units.number(0.01))
                .isEqualTo("5e-5 32 0.01");
        assertThat(Units.shorten(" a\n  long text ", 6)).isEqualTo("a lon…");
    }

    @Test
    void wordsAreQuotedOnlyIfAShellNeedsIt() {
        assertThat(Shell.word("reviews-1")).isEqualTo("reviews-1");
        assertThat(Shell.word("it's mine")).isEqualTo("'it'\\''s mine'");
    }
}
