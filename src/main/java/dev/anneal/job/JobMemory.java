package dev.anneal.job;

import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.Architecture;
import dev.anneal.transformer.Head;
import dev.anneal.transformer.ModelConfig;
import dev.anneal.transformer.Task;
import java.util.OptionalLong;
import org.springframework.stereotype.Component;

/** How much memory a job is expected to need: for the slot that may claim it, and for when it got less. */
@Component
public class JobMemory {
    private final JobBaseModel baseModels;

    JobMemory(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    MemoryEstimate of(JobPlan plan) {
        ModelConfig config = baseModels.config(plan.base());
        int outputs = plan.task() == Task.TEXT_REGRESSION ? 1 : plan.labels().size();
        Head head = Architecture.of(config).head(plan.task(), config, outputs);
        return MemoryEstimate.of(config, head, plan.method().forTrainer(), plan.hyperparameters());
    }

    /** The bytes that were estimated when the job was submitted; none for a job from before that was done. */
    public OptionalLong bytes(Job job) {
        return job.memoryBytes() == null ? OptionalLong.empty() : OptionalLong.of(job.memoryBytes());
    }
}
