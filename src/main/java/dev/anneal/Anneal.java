package dev.anneal;

import dev.anneal.cli.Cli;
import java.util.Arrays;
import java.util.List;

/** Entry point of the jar: {@code serve} starts the server, every other command is the command line's. */
public final class Anneal {
    private Anneal() {}

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("serve") && !List.of(args).contains("--help")) {
            Server.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            System.exit(Cli.run(args));
        }
    }
}
