package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Table;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** A command that lists all things of a kind; its subcommands change them. */
public abstract class ListCommand implements Callable<Integer> {
    protected final Session session;

    @Mixin
    private Listing listing;

    private final String path;
    private final String[] columns;

    /**
     * @param columns the columns of {@link Table#Table}
     */
    protected ListCommand(Session session, String path, String... columns) {
        this.session = session;
        this.path = path;
        this.columns = columns;
    }

    protected abstract void row(Table table, JsonNode item);

    /** Returns more of the query, such as {@code &kind=base}. */
    protected String filter() {
        return "";
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return print(listing);
    }

    protected final int print(Listing listing) throws IOException, InterruptedException {
        return listing.print(session, path, filter(), new Table(columns), this::row);
    }
}
