package dev.anneal.training.process;

import dev.anneal.files.SharedFiles;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a job that only the worker's machine knows.
 *
 * @param baseModel the directory of the base model, in Hugging Face's layout
 * @param device cpu or cuda:0
 * @param precision that of the first attempt if there was one, else the job's
 * @param memory the bytes of the slot, or null if it has no limit
 * @param earlierCheckpoints directories, the newest first; training resumes from the first one that is whole
 * @param tokenizedRows the directory of tokenized rows that jobs of the machine share, or null to share none
 * @param tokenizedBytes the most bytes that these may have
 */
public record Placement(
        String baseModel,
        String device,
        int threads,
        String precision,
        @Nullable Long memory,
        List<String> earlierCheckpoints,
        @Nullable String tokenizedRows,
        long tokenizedBytes) {
    public Placement {
        earlierCheckpoints = earlierCheckpoints == null ? List.of() : earlierCheckpoints;
    }

    /** Returns the same placement with other checkpoints of earlier attempts. */
    public Placement withCheckpoints(List<String> earlier) {
        return new Placement(baseModel, device, threads, precision, memory, earlier, tokenizedRows, tokenizedBytes);
    }

    /** Returns the files of tokenized rows, or null to share none. */
    public @Nullable SharedFiles sharedRows() {
        return tokenizedRows == null ? null : new SharedFiles(Path.of(tokenizedRows), tokenizedBytes);
    }
}
