package dev.anneal.cli;

import java.util.List;

/** The command that is the server; it is only explained here, {@link dev.anneal.Anneal} runs it. */
final class Serve {
    static final Command COMMAND = new Command(
            "serve",
            "",
            "run the server in this terminal",
            List.of(
                    new Option("port", "N", "the port to listen on (8420)"),
                    new Option("host", "H", "the address to listen on (127.0.0.1)"),
                    new Option("roles", "R", "api,worker,inference: which parts run in this process (all)")),
            session -> {
                throw new IllegalStateException("the server is started by dev.anneal.Anneal");
            });

    private Serve() {}
}
