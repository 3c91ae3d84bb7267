package dev.anneal.job;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.Architecture;
import dev.anneal.transformer.Head;
import dev.anneal.transformer.ModelConfig;
import dev.anneal.transformer.Task;
import java.util.OptionalLong;
import org.springframework.stereotype.Component;

/** How much memory a job was expected to need, for when it got less. */
@Component
public class JobMemory {
    private final Models models;
    private final ArtifactStore store;

    JobMemory(Models models, ArtifactStore store) {
        this.models = models;
        this.store = store;
    }

    /** The bytes of a {@link MemoryEstimate}; none where the base model cannot be asked any more. */
    public OptionalLong bytes(Job job) {
        try {
            Model base = models.find(job.baseModel()).orElseThrow();
            ModelConfig config = ModelConfig.read(store.get(base.artifact()));
            Task task = job.trainedTask();
            int outputs =
                    task == Task.TEXT_REGRESSION ? 1 : job.labels() == null ? 0 : job.labels().size();
            Head head = Architecture.of(config).head(task, config, outputs);
            return OptionalLong.of(MemoryEstimate.of(
                            config, head, job.method().forTrainer(), job.hyperparameters())
                    .bytes());
        } catch (RuntimeException unknown) {
            return OptionalLong.empty();
        }
    }
}
