package dev.anneal.cli.terminal;

import java.util.function.LongConsumer;

/** Shows how much of a file has been sent or received. */
public final class TransferProgress implements LongConsumer {
    private final String verb;
    private final long size;
    private final String afterwards;
    private final Terminal terminal;
    private int shown = -1;

    /**
     * @param verb such as "uploading"
     * @param afterwards what is shown once all bytes are through
     */
    public TransferProgress(String verb, long size, String afterwards, Terminal terminal) {
        this.verb = verb;
        this.size = Math.max(1, size);
        this.afterwards = afterwards;
        this.terminal = terminal;
    }

    @Override
    public void accept(long done) {
        int percent = (int) Math.min(100, 100 * done / size);
        if (percent != shown) {
            shown = percent;
            String words = percent < 100 ? verb + " " + Units.bytes(done) + " of " + Units.bytes(size) : afterwards;
            terminal.live(ProgressBar.of(percent / 100.0, words, terminal));
        }
    }
}
