package dev.anneal.job.plan;

import dev.anneal.training.MemoryEstimate;
import org.springframework.stereotype.Component;

/** Estimates the memory of a job. A slot claims a job only if it has that much. */
@Component
public class JobMemory {
    private final JobBaseModel baseModels;

    JobMemory(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    public MemoryEstimate of(JobPlan plan) {
        return MemoryEstimate.of(baseModels.config(plan.base()), plan.spec());
    }
}
