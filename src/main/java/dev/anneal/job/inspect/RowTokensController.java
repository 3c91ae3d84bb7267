package dev.anneal.job.inspect;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.dataset.rows.RowsByNumber;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.InspectMessage;
import dev.anneal.host.message.InspectMessage.Inspected;
import dev.anneal.host.message.InspectMessage.Seen;
import dev.anneal.host.message.InspectMessage.Token;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.hosting.exchange.Exchange;
import dev.anneal.hosting.exchange.Exchanges;
import dev.anneal.job.plan.JobPlan;
import dev.anneal.job.plan.PlannedJobs;
import dev.anneal.job.plan.Tasks;
import dev.anneal.json.Json;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows what a model would see of a row in a job. */
@RestController
@ForRole("api")
class RowTokensController {
    /** The most tokens in an answer, and the most of those that are cut. */
    private static final int MOST_TOKENS = 2_000;
    /** The most characters of a row. The places of all its tokens are in the memory of a model host. */
    private static final int MOST_CHARACTERS = 500_000;

    /** An answer counts as a text of so many characters: its tokens take more memory than those of a prediction. */
    private static final int ANSWER_CHARACTERS = 100_000;

    /** The examples of a row on the wire. */
    record View(
            long number,
            String split,
            String baseModel,
            String task,
            int maxLength,
            @Nullable String rendered,
            @Nullable List<String> labels,
            @Nullable Double score,
            List<Seen> examples,
            long tokenCount,
            List<Token> cut,
            long cutCount,
            long learnedCutCount) {}

    private final Datasets datasets;
    private final RowsByNumber rows;
    private final PlannedJobs jobs;
    private final HostPool hosts;
    private final CallLimits limits;
    private final Exchanges exchanges;

    RowTokensController(
            Datasets datasets,
            RowsByNumber rows,
            PlannedJobs jobs,
            HostPool hosts,
            CallLimits limits,
            Exchanges exchanges) {
        this.datasets = datasets;
        this.rows = rows;
        this.jobs = jobs;
        this.hosts = hosts;
        this.limits = limits;
        this.exchanges = exchanges;
    }

    @GetMapping(path = "/api/v1/datasets/{id}/rows/{number}/tokens", produces = MediaType.APPLICATION_JSON_VALUE)
    void tokens(
            HttpServletRequest http,
            HttpServletResponse response,
            @PathVariable String id,
            @PathVariable long number,
            @RequestParam(name = "base_model", required = false) @Nullable String baseModel,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(name = "max_length", required = false) @Nullable Integer maxLength,
            @RequestParam(name = "long_texts", required = false) @Nullable String longTexts,
            @RequestParam(name = "completions_only", required = false) @Nullable Boolean completionsOnly,
            @RequestParam(name = "masking_probability", required = false) @Nullable Double maskingProbability,
            @RequestParam(name = "whole_words", required = false) @Nullable Boolean wholeWords,
            @RequestParam(required = false) @Nullable Integer seed)
            throws IOException {
        Caller caller = Caller.current();
        Dataset dataset = datasets.find(id, caller.project()).orElseThrow(() -> datasets.missing(id, caller.project()));
        ObjectNode body = Json.MAPPER.createObjectNode().put("dataset", dataset.getId());
        set(body, "base_model", baseModel);
        set(body, "task", task);
        ObjectNode hyperparameters = body.putObject("hyperparameters");
        set(hyperparameters, "max_length", maxLength);
        set(hyperparameters, "seed", seed);
        ObjectNode options = body.putObject("task_options");
        set(options, "long_texts", longTexts);
        set(options, "completions_only", completionsOnly);
        set(options, "masking_probability", maskingProbability);
        set(options, "whole_words", wholeWords);
        JobPlan plan = jobs.plan(body);
        RowsByNumber.Picked row = rows.read(dataset.getId(), List.of(number), 1).stream()
                .findFirst()
                .orElseThrow(() -> Problem.notFound(
                        "row", String.valueOf(number), "GET /api/v1/datasets/" + id + "/rows lists the rows."));
        if (row.content().length() > MOST_CHARACTERS) {
            throw Problem.unprocessable(
                    "row_too_long",
                    "Row %d has %,d characters as JSON. The tokens of rows with at most %,d are shown."
                            .formatted(number, row.content().length(), MOST_CHARACTERS));
        }
        CallLimits.Permit permit = limits.predict(
                plan.base().getId(),
                caller.project(),
                caller.subject(),
                1,
                (long) row.content().length() + ANSWER_CHARACTERS);
        CompletableFuture<JsonNode> seen;
        try {
            seen = hosts.call(
                    plan.base().served(),
                    HostRequest.INSPECT,
                    caller.project(),
                    caller.subject(),
                    new InspectMessage(plan.spec(), Json.MAPPER.readTree(row.content()), MOST_TOKENS),
                    piece -> {});
        } catch (RuntimeException refused) {
            permit.close();
            throw refused;
        }
        seen.whenComplete((result, failure) -> permit.close());
        Exchange exchange = exchanges.open(http, response, seen);
        seen.thenApply(result -> view(plan, row, result)).whenComplete((view, failure) -> {
            if (failure == null) {
                exchange.answer(view);
            } else {
                exchange.fail(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
        });
    }

    private static void set(ObjectNode object, String field, @Nullable Object value) {
        if (value != null) {
            object.set(field, Json.MAPPER.valueToTree(value));
        }
    }

    private static View view(JobPlan plan, RowsByNumber.Picked row, JsonNode result) {
        Inspected seen = Json.MAPPER.treeToValue(result, Inspected.class);
        return new View(
                row.number(),
                row.split(),
                plan.base().name(),
                Tasks.nameOf(plan.spec().task()),
                seen.maxLength(),
                seen.rendered(),
                seen.labels(),
                seen.score(),
                seen.examples(),
                seen.tokenCount(),
                seen.cut(),
                seen.cutCount(),
                seen.learnedCutCount());
    }
}
