package dev.anneal.training.finding;

import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.bias.TermFinder;
import dev.anneal.evaluation.bias.TermLists;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes the findings for the rows of a report from the files of a work directory. */
public final class FindingsWriter {
    private static final Set<Task> TASKS = EnumSet.of(Task.TEXT_CLASSIFICATION, Task.MULTI_LABEL, Task.TEXT_REGRESSION);

    private final Path workDirectory;
    private final JobSpec spec;
    private final Supplier<Predictor> model;
    private final @Nullable SharedFiles shared;
    private final SharedFiles.Listener listener;
    private final Runnable check;

    /**
     * Creates a writer.
     *
     * @param model opens the reported model, if texts must be computed
     * @param shared where jobs of this machine keep what they compute once, or null
     * @param check is run often, and may throw an exception to end the work
     */
    public FindingsWriter(
            Path workDirectory,
            JobSpec spec,
            Supplier<Predictor> model,
            @Nullable SharedFiles shared,
            SharedFiles.Listener listener,
            Runnable check) {
        this.workDirectory = workDirectory;
        this.spec = spec;
        this.model = model;
        this.shared = shared;
        this.listener = listener;
        this.check = check;
    }

    /** Returns a report as JSON, with the findings if the task has any. */
    public String json(Report report) throws IOException {
        ObjectNode json = Json.MAPPER.valueToTree(report);
        Findings findings = of(report.split());
        if (findings != null) {
            json.set("findings", Json.MAPPER.valueToTree(findings));
        }
        return json.toString();
    }

    /** Returns the findings for a split, whose predictions are written; null if the task has none. */
    private @Nullable Findings of(String split) throws IOException {
        if (!TASKS.contains(spec.task())) {
            return null;
        }
        Labels labels = new Labels(spec.labels());
        List<TermFinder> finders =
                TermLists.builtIn().dimensions().stream().map(TermFinder::new).toList();
        Path evaluated = workDirectory.resolve(split + ".jsonl");
        PredictedRows rows = new PredictedRows(
                new RowFile(evaluated, workDirectory.resolve(WorkFiles.PREDICTIONS)), spec.task(), labels, finders);
        RowMetrics metrics = rows.metrics();
        List<String> leftOut = new ArrayList<>();
        TextBaseline.@Nullable Computed baseline = null;
        Path train = workDirectory.resolve(WorkFiles.TRAIN);
        if (Files.exists(train)) {
            baseline = new TextBaseline(workDirectory, spec.task(), labels, train, evaluated, check)
                    .get(shared, spec.dataset(), listener);
        }
        return new Findings(
                baseline == null ? List.of() : baselines(baseline, metrics),
                Stream.of(rows.mislabelled(split), baseline == null ? null : baseline.suspects())
                        .filter(Objects::nonNull)
                        .map(found -> (Findings.LikelyMislabelled) found)
                        .toList(),
                rows.hardest(),
                rows.slices(metrics, leftOut),
                counterfactuals(rows),
                rows.groupScores(),
                leftOut);
    }

    private @Nullable Counterfactuals counterfactuals(PredictedRows rows) {
        if (!rows.hasTerms()) {
            return null;
        }
        boolean inWindows = spec.taskOptions().longTexts() == LongTexts.WINDOWS;
        try (Predictor predictor = model.get()) {
            return rows.counterfactuals(new ModelScorer(predictor, inWindows, check));
        }
    }

    private List<Baseline> baselines(TextBaseline.Computed computed, RowMetrics metrics) {
        boolean isNumber = spec.task() == Task.TEXT_REGRESSION;
        return List.of(
                Baseline.of(
                        isNumber ? "mean" : "majority",
                        computed.trained(),
                        null,
                        null,
                        metrics,
                        TextBaseline.metrics(metrics, computed.simple())),
                Baseline.of(
                        "tf_idf",
                        computed.used(),
                        computed.features(),
                        computed.converged(),
                        metrics,
                        TextBaseline.metrics(metrics, computed.linear())));
    }
}
