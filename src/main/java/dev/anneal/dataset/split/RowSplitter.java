package dev.anneal.dataset.split;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.file.SplitMethod;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws the splits of rows. It receives all rows first, in the order of their numbers. What it must know of them is in temporary
 * files, so that its memory does not grow with them, but for a few bits for each.
 */
public final class RowSplitter implements AutoCloseable {
    private final Path directory;
    private final SplitOptions options;
    private final String field;
    private @Nullable Drawing drawing;

    /**
     * Creates a splitter.
     *
     * @param field the field of the request that has the options, for messages
     */
    public RowSplitter(Path directory, SplitOptions options, String field) {
        this.directory = directory;
        this.options = options;
        this.field = field;
    }

    public void add(Row row) throws IOException {
        Drawing open = drawing;
        if (open == null) {
            open = start(row.content());
            drawing = open;
        }
        open.add(Math.toIntExact(row.number()), row.content());
    }

    /** The rows of a dataset have the same roles, so the first one shows which. */
    private Drawing start(ObjectNode first) {
        SplitMethod method = options.method();
        if (method == null) {
            method = first.has("group")
                    ? SplitMethod.GROUP
                    : first.has("time") ? SplitMethod.TIME : SplitMethod.STRATIFIED;
        }
        require(method == SplitMethod.GROUP, "group", first);
        require(method == SplitMethod.TIME, "time", first);
        return switch (method) {
            case STRATIFIED -> stratified(first);
            case GROUP -> new GroupDrawing(directory, options.seed());
            case TIME -> new TimeDrawing(directory);
            case CONTENT_HASH -> new ContentDrawing(options.seed(), new Shares(options.validation(), options.test()));
            case K_FOLD -> first.has("group") ? new GroupDrawing(directory, options.seed()) : stratified(first);
            case FILE_ORDER -> new FileOrderDrawing();
        };
    }

    private Drawing stratified(ObjectNode first) {
        return RowLabels.areSeveral(first)
                ? new IterativeDrawing(directory, options.seed())
                : new StratifiedDrawing(directory, options.seed());
    }

    private void require(boolean isNeeded, String role, ObjectNode first) {
        if (isNeeded && !first.has(role)) {
            throw Problem.invalid(
                    field + ".method",
                    "missing_column",
                    "The method '%s' needs a column with the role '%s'. Name it in 'columns' of the upload, as in {\"%s\": \"…\"}."
                            .formatted(role, role, role));
        }
    }

    /** Draws the splits of the rows that were added. */
    public Splits draw() throws IOException {
        Splits splits = new Splits();
        Drawing open = drawing;
        if (open == null) {
            return splits;
        }
        if (options.method() != SplitMethod.K_FOLD) {
            open.draw(new Shares(options.validation(), options.test()), new BitSet(), splits::put);
            return splits;
        }
        BitSet fold = new BitSet();
        open.fold(options.folds(), (number, part) -> fold.set(number, part == options.fold() - 1));
        if (fold.isEmpty()) {
            throw Problem.invalid(
                    field + ".folds",
                    "too_many_folds",
                    "Fold %d of %d has no rows, because there are too few rows or groups. Lower 'folds'."
                            .formatted(options.fold(), options.folds()));
        }
        fold.stream().forEach(number -> splits.put(number, Shares.TEST));
        open.draw(new Shares(options.validation(), 0), fold, splits::put);
        return splits;
    }

    @Override
    public void close() throws IOException {
        if (drawing != null) {
            drawing.close();
        }
    }
}
