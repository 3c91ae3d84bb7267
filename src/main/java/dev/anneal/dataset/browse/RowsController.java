package dev.anneal.dataset.browse;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Suggest;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
class RowsController {
    private static final int DEFAULT_LIMIT = 20;
    private static final long DEFAULT_SEED = 42;
    private static final int MOST_SAMPLED = 1000;
    private static final int MOST_SHOWN = 20;

    private final Datasets datasets;
    private final RowPages pages;

    RowsController(Datasets datasets, RowPages pages) {
        this.datasets = datasets;
        this.pages = pages;
    }

    @GetMapping("/api/v1/datasets/{id}/rows")
    RowPages.RowPage rows(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String split,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String problem,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable Integer sample,
            @RequestParam(required = false) @Nullable Long seed,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(required = false) @Nullable Long after) {
        RowFilter filter = RowFilter.of(split, label, problem, text);
        checkSample(sample, seed, limit, after);
        String project = Caller.current().project();
        Dataset found = datasets.find(id, project)
                .orElseThrow(() -> datasets.missing(id, project))
                .validated();
        checkLabel(found, label);
        String dataset = found.getId();
        if (sample != null) {
            return pages.sample(dataset, filter, sample, seed == null ? DEFAULT_SEED : seed);
        }
        long given = after == null ? 0 : after;
        long from = Page.after(given, given > 0 ? pages.last(dataset) : 0, "row");
        return pages.page(dataset, filter, from, Page.limit(limit == null ? DEFAULT_LIMIT : limit));
    }

    /** Refuses a label that no row has, such as one with a typing error. */
    private static void checkLabel(Dataset dataset, @Nullable String label) {
        List<String> known = dataset.labelNames();
        if (label == null || known.contains(label) || dataset.status() != Dataset.Status.ready) {
            return;
        }
        String some = known.stream().limit(MOST_SHOWN).map(Problem::quote).collect(Collectors.joining(", "));
        throw Problem.invalid(
                "label",
                "unknown_label",
                known.isEmpty()
                        ? "The rows of the dataset have no labels. Leave out 'label'."
                        : "No row of the dataset has the label '%s'. Its labels are: %s%s.%s"
                                .formatted(
                                        Problem.quote(label),
                                        some,
                                        known.size() > MOST_SHOWN ? ", …" : "",
                                        Suggest.nearest(label, known)));
    }

    private static void checkSample(
            @Nullable Integer sample, @Nullable Long seed, @Nullable Integer limit, @Nullable Long after) {
        List<Problem.Error> errors = new ArrayList<>();
        if (sample == null && seed != null) {
            errors.add(Problem.Error.field(
                    "seed", "needs_sample", "'seed' needs 'sample', the number of rows to draw at random."));
        }
        if (sample != null && (sample < 1 || sample > MOST_SAMPLED)) {
            errors.add(Problem.Error.field(
                    "sample",
                    "out_of_range",
                    "'sample' is " + sample + ". It must be from 1 to " + MOST_SAMPLED + "."));
        }
        if (sample != null && limit != null) {
            errors.add(conflict("limit"));
        }
        if (sample != null && after != null) {
            errors.add(conflict("after"));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }

    private static Problem.Error conflict(String parameter) {
        return Problem.Error.field(
                parameter,
                "conflicting_parameter",
                "'%s' may not be combined with 'sample', which has no pages. Remove one of the two."
                        .formatted(parameter));
    }
}
