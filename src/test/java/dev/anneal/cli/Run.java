package dev.anneal.cli;

import dev.anneal.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One call of the command line: its exit code and what it printed. */
record Run(int exitCode, String out, String err) {
    static Run of(ScriptedServer server, String... words) {
        return of(server.url(), "", false, words);
    }

    static Run of(String url, String stdin, boolean live, String... words) {
        Map<String, String> environment = Map.of("ANNEAL_URL", url, "ANNEAL_KEY", ScriptedServer.KEY);
        return with(environment, stdin, live, words);
    }

    static Run with(Map<String, String> environment, String stdin, boolean live, String... words) {
        InputStream in = new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8));
        return capture(live, terminal -> cli(terminal, environment, in).execute(words));
    }

    static Cli cli(Map<String, String> environment, InputStream in) {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        return cli(new Terminal(nowhere, nowhere, false, false, () -> 100), environment, in);
    }

    private static Cli cli(Terminal terminal, Map<String, String> environment, InputStream in) {
        return new Cli(terminal, environment, in, properties -> {
            throw new AssertionError("no server is started here");
        });
    }

    interface Code {
        int run(Terminal terminal) throws Exception;
    }

    static Run capture(boolean live, Code code) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            int exitCode = code.run(new Terminal(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    live,
                    false,
                    () -> 100));
            return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } catch (Exception unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
