package dev.anneal.dataset.file;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One of the files of an upload.
 *
 * @param split the split of all its rows: train, validation or test; null if the field of the form names none
 */
public record UploadedFile(String name, @Nullable String split, Content content) {
    /** Opens the bytes of the file, as often as needed. */
    public interface Content {
        InputStream open() throws IOException;
    }

    /** Returns the last part of the name in lower case, such as csv. */
    static String suffix(String name) {
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase();
    }
}
