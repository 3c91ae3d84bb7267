package dev.anneal;

import dev.anneal.cli.Cli;

/** Entry point of the jar. */
public final class Anneal {
    private Anneal() {}

    public static void main(String[] args) {
        System.exit(Cli.run(args, Server::start));
    }
}
