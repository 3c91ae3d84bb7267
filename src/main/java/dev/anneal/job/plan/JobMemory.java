package dev.anneal.job.plan;

import dev.anneal.spec.JobSpec;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.training.NewModel;
import org.springframework.stereotype.Component;

/** Estimates the memory of a job. A slot claims a job only if it has that much. */
@Component
public class JobMemory {
    private final JobBaseModel baseModels;

    JobMemory(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    public MemoryEstimate of(JobPlan plan) {
        JobSpec spec = plan.spec();
        NewModel model = NewModel.of(spec, baseModels.config(plan.base()));
        return MemoryEstimate.of(
                model.config(), model.head(), spec, spec.hyperparameters().precision());
    }
}
