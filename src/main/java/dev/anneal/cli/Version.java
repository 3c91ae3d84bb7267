package dev.anneal.cli;

import dev.anneal.cli.command.Session;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The command that tells which version this is. */
@Command(name = "version", description = "Print the version of Anneal and of Java.")
final class Version implements Callable<Integer> {
    private final Session session;

    Version(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        String version = Version.class.getPackage().getImplementationVersion();
        session.terminal()
                .line("Anneal " + (version == null ? "(built from sources)" : version) + "   Java "
                        + System.getProperty("java.version") + "   " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
        return 0;
    }
}
