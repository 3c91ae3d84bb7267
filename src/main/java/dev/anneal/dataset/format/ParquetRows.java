package dev.anneal.dataset.format;

import dev.anneal.dataset.parquet.ParquetException;
import dev.anneal.dataset.parquet.ParquetFile;
import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rows of a Parquet file. Their lines are their numbers from 1. */
final class ParquetRows implements RowReader {
    private static final long MIN_PAGES = 32L << 20;
    private static final long MAX_PAGES = 512L << 20;

    private final ParquetFile file;
    private long number;

    private ParquetRows(ParquetFile file) {
        this.file = file;
    }

    static RowReader open(Path path, Layout layout, ReaderLimits limits) throws IOException {
        long size = Files.size(path);
        long pages =
                Math.max(MIN_PAGES, Math.min(MAX_PAGES, Runtime.getRuntime().maxMemory() / 8));
        try {
            ParquetFile file = ParquetFile.open(
                    path, pages, limits.maxRow(), unpacked -> limits.unpack().check(unpacked, size));
            List<String> columns = file.columns();
            if (new HashSet<>(columns).size() < columns.size()) {
                file.close();
                throw Problem.unprocessable(
                        "duplicate_column", "The file contains a column twice. Rename or remove one.");
            }
            return new ParquetRows(file);
        } catch (ParquetException e) {
            throw Problem.unprocessable(
                    "malformed_parquet", "The Parquet file cannot be read: " + e.getMessage() + ". Write it again.");
        }
    }

    @Override
    public List<String> columns() {
        return file.columns();
    }

    @Override
    public Map<String, Map<String, String>> labelNames() {
        return file.labelNames();
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        try {
            Map<String, JsonNode> values = file.next();
            return values == null ? null : RawRow.of(++number, number, values);
        } catch (ParquetException e) {
            throw new UnreadableRow(
                    number + 1, "The Parquet file cannot be read from here: " + e.getMessage() + ". Write it again.");
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
