package dev.anneal.job.plan;

import dev.anneal.dataset.statistics.RowTokenizer;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RowsMessage;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.json.Json;
import dev.anneal.security.Caller;
import dev.anneal.transformer.architecture.LongTexts;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts the tokens of rows in a model host, which makes examples of them as the trainer would. */
@Component
class JobTokenizer implements RowTokenizer {
    private final PlannedJobs jobs;
    private final HostPool hosts;
    private final CallLimits limits;

    JobTokenizer(PlannedJobs jobs, HostPool hosts, CallLimits limits) {
        this.jobs = jobs;
        this.hosts = hosts;
        this.limits = limits;
    }

    @Override
    public Job job(Request request) {
        ObjectNode body =
                Json.MAPPER.createObjectNode().put("dataset", request.dataset()).put("base_model", request.baseModel());
        if (request.task() != null) {
            body.put("task", request.task());
        }
        if (request.maxLength() != null) {
            body.putObject("hyperparameters").put("max_length", request.maxLength());
        }
        return of(jobs.plan(body), Caller.current());
    }

    /** Returns the job of a plan, whose rows are tokenized for a caller. */
    Job of(JobPlan plan, Caller caller) {
        return new PlannedJob(plan, caller);
    }

    private final class PlannedJob implements Job {
        private final JobPlan plan;
        private final Caller caller;

        PlannedJob(JobPlan plan, Caller caller) {
            this.plan = plan;
            this.caller = caller;
        }

        @Override
        public String model() {
            return plan.base().getId();
        }

        @Override
        public String baseModel() {
            return plan.base().name();
        }

        @Override
        public String task() {
            return Tasks.nameOf(plan.spec().task());
        }

        @Override
        public String options() {
            return Json.write(plan.spec().taskOptions());
        }

        @Override
        public int modelMaxLength() {
            return plan.base().maxLength();
        }

        @Override
        public boolean isTruncating() {
            return switch (plan.spec().task()) {
                case TEXT_CLASSIFICATION, MULTI_LABEL, TEXT_REGRESSION ->
                    plan.spec().taskOptions().longTexts() != LongTexts.WINDOWS
                            || plan.dataset().columns().containsKey("text_pair");
                case CAUSAL_LM -> !plan.dataset().columns().containsKey("text");
                case TOKEN_CLASSIFICATION, MASKED_LM -> false;
            };
        }

        @Override
        public CompletableFuture<Counted> count(List<JsonNode> rows, long characters) {
            CallLimits.Permit permit =
                    limits.predict(model(), caller.project(), caller.subject(), rows.size(), characters);
            try {
                return hosts.call(
                                plan.base().served(),
                                HostRequest.MEASURE,
                                caller.project(),
                                caller.subject(),
                                new RowsMessage(plan.spec(), rows),
                                piece -> {})
                        .whenComplete((counts, failure) -> permit.close())
                        .thenApply(counts -> {
                            RowsMessage.Measured found = Json.MAPPER.treeToValue(counts, RowsMessage.Measured.class);
                            return new Counted(found.tokens(), found.unknown(), found.reason());
                        });
            } catch (RuntimeException refused) {
                permit.close();
                throw refused;
            }
        }
    }
}
