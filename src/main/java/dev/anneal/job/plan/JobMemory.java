package dev.anneal.job.plan;

import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import org.springframework.stereotype.Component;

/** How much memory a job is expected to need: for the slot that may claim it, and for when it got less. */
@Component
public class JobMemory {
    private final JobBaseModel baseModels;

    JobMemory(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    public MemoryEstimate of(JobPlan plan) {
        ModelConfig config = baseModels.config(plan.base());
        int outputs = plan.task() == Task.TEXT_REGRESSION ? 1 : plan.labels().size();
        Head head = Architecture.of(config).head(plan.task(), config, outputs);
        return MemoryEstimate.of(config, head, plan.method().forTrainer(), plan.hyperparameters());
    }
}
