package dev.anneal.training.process;

import dev.anneal.json.Json;
import dev.anneal.spec.Checkpointing;
import dev.anneal.spec.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/** The specification of a trainer's job and the placement on its machine, from the work directory. */
public record WorkOrder(JobSpec spec, Placement placement) {
    public static WorkOrder read(Path workDirectory) {
        JobSpec spec = read(workDirectory, WorkFiles.SPEC, JobSpec.class);
        List<String> problems = spec.problems();
        if (!problems.isEmpty()) {
            throw new TrainingException(WorkFiles.SPEC + ": " + String.join("; ", problems));
        }
        Placement placement = read(workDirectory, WorkFiles.PLACEMENT, Placement.class);
        if (placement.baseModel() == null
                || placement.device() == null
                || placement.precision() == null
                || placement.threads() < 1) {
            throw new TrainingException(
                    WorkFiles.PLACEMENT + " must have base_model, device, precision, and at least 1 for threads");
        }
        return new WorkOrder(spec, placement);
    }

    /** Returns the same work without earlier checkpoints, and with new ones only at the end of each epoch. */
    public WorkOrder afresh() {
        return new WorkOrder(spec.with(new Checkpointing(null, null, 1)), placement.withCheckpoints(List.of()));
    }

    public void write(Path workDirectory) throws IOException {
        Files.writeString(workDirectory.resolve(WorkFiles.PLACEMENT), Json.write(placement));
        Files.writeString(workDirectory.resolve(WorkFiles.SPEC), Json.write(spec));
    }

    private static <T> T read(Path workDirectory, String file, Class<T> type) {
        try {
            return Json.read(Files.readString(workDirectory.resolve(file)), type);
        } catch (JacksonException e) {
            throw new TrainingException(file + " is not valid: " + Json.reason(e), e);
        } catch (IOException e) {
            throw new TrainingException("Cannot read " + workDirectory.resolve(file), e);
        }
    }
}
