package dev.anneal.training.finding;

import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.bias.TermFinder;
import dev.anneal.evaluation.bias.TermLists;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.files.GzipLines;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
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
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes the findings for the rows of a report from the files of a work directory. */
public final class FindingsWriter {
    private static final Set<Task> TASKS = EnumSet.of(Task.TEXT_CLASSIFICATION, Task.MULTI_LABEL, Task.TEXT_REGRESSION);

    /** A model that may have to be opened. */
    public interface Model {
        /** Gives the open model to a function, and returns its result. */
        @Nullable
        Counterfactuals with(Function<Predictor, @Nullable Counterfactuals> use);
    }

    private final Path workDirectory;
    private final JobSpec spec;
    private final Model model;
    private final @Nullable SharedFiles shared;
    private final SharedFiles.Listener listener;
    private final Runnable check;

    /**
     * Creates a writer.
     *
     * @param model the reported model, which is opened only if texts must be computed
     * @param shared where jobs of this machine keep what they compute once, or null
     * @param check is run often, and may throw an exception to end the work
     */
    public FindingsWriter(
            Path workDirectory,
            JobSpec spec,
            Model model,
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
        Path predictions = predictions();
        if (!TASKS.contains(spec.task())) {
            return null;
        }
        EvaluationSpec evaluation = spec.evaluation();
        Labels labels = new Labels(spec.labels(), evaluation == null ? Map.of() : evaluation.labelMap());
        List<TermFinder> finders =
                TermLists.builtIn().dimensions().stream().map(TermFinder::new).toList();
        Path evaluated = workDirectory.resolve(WorkFiles.rows(split));
        PredictedRows rows = new PredictedRows(new RowFile(evaluated, predictions), spec.task(), labels, finders);
        RowMetrics metrics = rows.metrics();
        List<String> leftOut = new ArrayList<>();
        TextBaseline.@Nullable Computed baseline = null;
        Path train = workDirectory.resolve(WorkFiles.TRAIN);
        if (evaluation == null && Files.exists(train)) {
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

    /** Returns the file with the predictions. That of an evaluation is compressed. */
    private Path predictions() {
        return spec.evaluation() == null
                ? workDirectory.resolve(WorkFiles.PREDICTIONS)
                : workDirectory.resolve(WorkFiles.RESULT).resolve(GzipLines.LINES);
    }

    private @Nullable Counterfactuals counterfactuals(PredictedRows rows) {
        if (!rows.hasTerms()) {
            return null;
        }
        boolean inWindows = spec.taskOptions().longTexts() == LongTexts.WINDOWS;
        return model.with(predictor -> rows.counterfactuals(new ModelScorer(predictor, inWindows, check)));
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
