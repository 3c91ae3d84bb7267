package dev.anneal.job.plan;

import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import java.util.Objects;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Plans a job that is not queued. */
@Component
public class PlannedJobs {
    private final JobPlanner planning;
    private final JobBaseModel baseModels;
    private final PlanLimit plans;
    private final TransactionTemplate transactions;

    PlannedJobs(JobPlanner planning, JobBaseModel baseModels, PlanLimit plans, TransactionTemplate transactions) {
        this.planning = planning;
        this.baseModels = baseModels;
        this.plans = plans;
        this.transactions = transactions;
    }

    /** Returns the plan of a request for a job. Its fields are query parameters here, so problems name them without their objects. */
    public JobPlan plan(JsonNode body) {
        try {
            JobRequest request = JobRequest.of(body);
            baseModels.fetch(request.baseModel());
            return plans.within(
                    Caller.current().project(),
                    () -> Objects.requireNonNull(transactions.execute(status -> planning.plan(request))));
        } catch (Problem problem) {
            throw new Problem(
                    problem.status(),
                    problem.code(),
                    asParameters(String.valueOf(problem.getMessage())),
                    problem.errors().stream()
                            .map(error -> new Problem.Error(
                                    error.field() == null ? null : asParameters(error.field()),
                                    error.line(),
                                    error.column(),
                                    error.code(),
                                    asParameters(error.message())))
                            .toList(),
                    problem.properties());
        }
    }

    private static String asParameters(String text) {
        return text.replaceAll("\\b(hyperparameters|task_options)\\.", "");
    }
}
