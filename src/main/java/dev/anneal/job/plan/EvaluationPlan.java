package dev.anneal.job.plan;

import dev.anneal.spec.JobSpec;

/** A request for an evaluation or a prediction that was checked; {@code memoryBytes} is an estimate of what it needs. */
public record EvaluationPlan(EvaluationRequest request, JobSpec spec, String name, long memoryBytes) {}
