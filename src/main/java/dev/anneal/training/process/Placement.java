package dev.anneal.training.process;

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
 */
public record Placement(
        String baseModel,
        String device,
        int threads,
        String precision,
        @Nullable Long memory,
        List<String> earlierCheckpoints) {
    public Placement {
        earlierCheckpoints = earlierCheckpoints == null ? List.of() : earlierCheckpoints;
    }
}
