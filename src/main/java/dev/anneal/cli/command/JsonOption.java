package dev.anneal.cli.command;

import java.util.function.Consumer;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The option that prints what the server answers in place of text. */
public final class JsonOption {
    @Option(names = "--json", description = "Print the server's JSON.")
    private boolean given;

    public boolean isGiven() {
        return given;
    }

    /** Prints an answer of the server as text, or with the option as it came. Returns the exit code. */
    public int show(Session session, JsonNode answer, Consumer<JsonNode> text) {
        if (given) {
            session.print(answer);
        } else {
            text.accept(answer);
        }
        return 0;
    }
}
