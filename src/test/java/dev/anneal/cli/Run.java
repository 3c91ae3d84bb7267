package dev.anneal.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
        return capture(
                live,
                terminal -> new Cli(
                                terminal, environment, new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)))
                        .execute(words));
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
                    100));
            return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } catch (Exception unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
