package dev.anneal.dataset.parquet;

import java.io.IOException;

/** Thrown when a file is not valid Parquet, or uses a part of it that is not read. The message is a sentence for users. */
public final class ParquetException extends IOException {
    ParquetException(String message) {
        super(message);
    }
}
