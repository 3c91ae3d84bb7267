package dev.anneal.job.plan;

import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import org.springframework.stereotype.Component;

/** Estimates the memory of a job. A slot claims a job only if it has that much. */
@Component
public class JobMemory {
    private final JobBaseModel baseModels;

    JobMemory(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    public MemoryEstimate of(JobPlan plan) {
        ModelConfig config = baseModels.config(plan.base());
        int outputs = plan.spec().task() == Task.TEXT_REGRESSION
                ? 1
                : plan.spec().labels().size();
        Head head = Architecture.of(config).head(plan.spec().task(), config, outputs);
        return MemoryEstimate.of(
                config, head, plan.spec(), plan.spec().hyperparameters().precision());
    }
}
