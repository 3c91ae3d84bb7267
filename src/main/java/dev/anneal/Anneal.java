package dev.anneal;

import java.util.Arrays;

/** Entry point of the jar: {@code serve} starts the server, every other command is the command line's. */
public final class Anneal {
    private Anneal() {}

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("serve")) {
            Server.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            System.exit(dev.anneal.cli.Cli.run(args));
        }
    }
}
