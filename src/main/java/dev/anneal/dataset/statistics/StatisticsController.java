package dev.anneal.dataset.statistics;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
class StatisticsController {
    private final Datasets datasets;
    private final DatasetStatistics statistics;
    private final TokenStatistics tokens;
    private final RowTokenizer tokenizer;

    StatisticsController(
            Datasets datasets, DatasetStatistics statistics, TokenStatistics tokens, RowTokenizer tokenizer) {
        this.datasets = datasets;
        this.statistics = statistics;
        this.tokens = tokens;
        this.tokenizer = tokenizer;
    }

    @GetMapping("/api/v1/datasets/{id}/statistics")
    CompletableFuture<StatisticsView> statistics(
            @PathVariable String id,
            @RequestParam(name = "base_model", required = false) @Nullable String baseModel,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(name = "max_length", required = false) @Nullable Integer maxLength) {
        String project = Caller.current().project();
        Dataset dataset = datasets.find(id, project)
                .orElseThrow(() -> datasets.missing(id, project))
                .validated();
        if (baseModel == null) {
            refuse(task, maxLength);
            return statistics.of(dataset, project);
        }
        RowTokenizer.Job job = tokenizer.job(new RowTokenizer.Request(dataset.getId(), baseModel, task, maxLength));
        return tokens.of(dataset, job, maxLength, project)
                .thenCombine(statistics.of(dataset, project), (counted, view) -> view.with(counted));
    }

    private static void refuse(@Nullable String task, @Nullable Integer maxLength) {
        List<Problem.Error> errors = new ArrayList<>();
        if (task != null) {
            errors.add(without("task"));
        }
        if (maxLength != null) {
            errors.add(without("max_length"));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }

    private static Problem.Error without(String parameter) {
        return Problem.Error.field(
                parameter,
                "needs_base_model",
                "'%s' needs 'base_model', whose tokens are counted.".formatted(parameter));
    }
}
