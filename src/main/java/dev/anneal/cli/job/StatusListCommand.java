package dev.anneal.cli.job;

import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that lists jobs of a kind, all or those with a status. */
abstract class StatusListCommand extends ListCommand {
    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only those that are queued, running, paused, succeeded, failed or cancelled (default: all).")
    private @Nullable String status;

    StatusListCommand(Session session, String path, String... columns) {
        super(session, path, columns);
    }

    @Override
    protected final String filter() {
        return status == null ? "" : "&status=" + Call.segment(status);
    }
}
