package dev.anneal.cli;

import java.io.IOException;
import java.util.List;

/** A word after {@code anneal}: what it takes, what it is for, and what it does. */
record Command(String name, String operands, String summary, List<Option> options, Action action) {
    static final List<Option> COMMON = List.of(
            new Option("url", "URL", "the server (ANNEAL_URL, else http://127.0.0.1:8420)"),
            new Option("key", "KEY", "the key (ANNEAL_KEY, else the content of <data>/admin.key)"),
            new Option("data", "DIR", "the server's data directory (ANNEAL_DATA, else ~/.anneal)"),
            Option.flag("curl", "print the same calls as curl commands, to stderr"),
            Option.flag("help", "explain the command"));

    /** What a command does; it answers the exit code. */
    interface Action {
        int run(Session session) throws IOException, InterruptedException;
    }

    String synopsis() {
        return ("anneal " + name + " " + operands).strip();
    }
}
