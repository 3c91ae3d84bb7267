package dev.anneal.dataset.validation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that creates a dataset, as it is kept until the dataset is validated: its plain fields, and its files. */
public record Received(Map<String, String> fields, List<File> files) {
    /**
     * A file.
     *
     * @param split the split of all its rows, null if the request names none
     */
    public record File(String name, @Nullable String split, long sizeBytes) {}

    public long sizeBytes() {
        return files.stream().mapToLong(File::sizeBytes).sum();
    }
}
