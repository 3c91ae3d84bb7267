package dev.anneal.training.finding;

import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.bias.TermFinder;
import dev.anneal.evaluation.bias.TermLists;
import dev.anneal.evaluation.curve.DataCurve;
import dev.anneal.evaluation.fold.CrossValidation;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.rows.Gain;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.files.GzipLines;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.ReportOptions;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.LongTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the findings for the rows of a report from the files of a work directory. */
public final class FindingsWriter {
    /** A model that may have to be opened. */
    public interface Model {
        /** Gives the open model to a function, and returns its result. */
        @Nullable
        Counterfactuals with(Function<Predictor, @Nullable Counterfactuals> use);
    }

    private final Path workDirectory;
    private final JobSpec spec;
    private final Model model;
    private final FrozenBaseline.@Nullable Base base;
    private final @Nullable SharedFiles shared;
    private final SharedFiles.Listener listener;
    private final Runnable check;
    private final ReportOptions options;

    /**
     * Creates a writer.
     *
     * @param model the reported model, which is opened only if texts must be computed
     * @param check is run often, and may throw an exception to end the work
     */
    public FindingsWriter(
            Path workDirectory, WorkOrder order, Model model, SharedFiles.Listener listener, Runnable check) {
        this.workDirectory = workDirectory;
        this.spec = order.spec();
        this.model = model;
        this.base = base(order);
        this.shared = order.placement().sharedRows();
        this.listener = listener;
        this.check = check;
        this.options = spec.reportOrDefault();
    }

    /** Returns the base model of a job. The directory of an evaluation has the model that is evaluated. */
    private static FrozenBaseline.@Nullable Base base(WorkOrder order) {
        Placement placement = order.placement();
        return order.spec().evaluation() != null
                ? null
                : new FrozenBaseline.Base(
                        Path.of(placement.baseModel()),
                        placement.device(),
                        order.spec().hyperparameters().maxLength());
    }

    /** Returns a report as JSON, with the comparison that was asked for, and the findings if the task has any. */
    public String json(Report report, PartResults parts) throws IOException {
        return json(report, parts, null);
    }

    /** Does the same with what the model forgot, if that is known. */
    public String json(Report report, PartResults parts, @Nullable Forgetting forgetting) throws IOException {
        ObjectNode json = Json.MAPPER.valueToTree(report);
        CrossValidation folds = parts.crossValidation();
        if (folds != null) {
            json.set("cross_validation", Json.MAPPER.valueToTree(folds));
        }
        if (!parts.curve().isEmpty()) {
            json.set("data_curve", Json.MAPPER.valueToTree(curve(report, parts)));
        }
        String compared = options.compareTo();
        if (compared != null) {
            Path theirs = workDirectory.resolve(WorkFiles.COMPARED);
            boolean isCut =
                    isCut(json) || isCut(Json.MAPPER.readTree(Files.readString(theirs.resolve(WorkFiles.REPORT))));
            ObjectNode comparison = Json.MAPPER.valueToTree(PairedRows.compare(
                    spec.task(), spec.labels(), workDirectory.resolve(WorkFiles.RESULT), theirs, isCut, check));
            json.set("comparison", comparison.put("evaluation", compared));
        }
        if (spec.task().predictsTexts()) {
            List<String> leftOut = new ArrayList<>();
            Findings findings = OptionalPart.orNull(
                    "The findings are missing", () -> of(report.split(), folds != null, leftOut), leftOut::add);
            json.set("findings", Json.MAPPER.valueToTree(findings == null ? Findings.none(leftOut) : findings));
        }
        if (forgetting != null) {
            json.set("forgetting", Json.MAPPER.valueToTree(forgetting));
        }
        return json.toString();
    }

    /** Returns whether the model of a report did not read the ends of some texts. */
    private static boolean isCut(JsonNode report) {
        return report.path("truncated").asLong(0) > 0;
    }

    /** Compares the model of the report with that of half of the training rows, on the same rows. */
    private DataCurve curve(Report report, PartResults parts) {
        Labels labels = new Labels(spec.labels(), Map.of());
        Path rows = workDirectory.resolve(WorkFiles.rows(report.split()));
        RowMetrics all = metrics(new RowFile(rows, ofModel()), labels);
        RowMetrics half = metrics(new RowFile(rows, workDirectory.resolve(PartResults.HALF)), labels);
        List<DataCurve.Point> points = new ArrayList<>(parts.curve());
        // Only this model can have a temperature, with which its loss would not be comparable.
        points.add(new DataCurve.Point(1, parts.rows(), report.uncalibratedMetrics()));
        String metric = all.names().get(0);
        return DataCurve.of(
                report.split(),
                metric,
                points,
                Gain.of(all, half).get(metric),
                half.ofAll()[0],
                all.ofAll()[0],
                !all.isHigherBetter(0));
    }

    private RowMetrics metrics(RowFile rows, Labels labels) {
        return new PredictedRows(rows, spec.task(), labels, List.of(), List.of(), check).metrics();
    }

    /** Returns the findings for a split, whose predictions are written, and adds a sentence for each part that is missing. */
    private Findings of(String split, boolean hasFolds, List<String> leftOut) {
        EvaluationSpec evaluation = spec.evaluation();
        Labels labels = new Labels(spec.labels(), evaluation == null ? Map.of() : evaluation.labelMap());
        List<TermFinder> finders =
                terms().dimensions().stream().map(TermFinder::new).toList();
        Path evaluated = workDirectory.resolve(WorkFiles.rows(split));
        boolean isOfFolds = hasFolds && split.equals("train");
        RowFile file = new RowFile(evaluated, evaluation != null || isOfFolds ? result() : ofModel());
        PredictedRows rows = new PredictedRows(file, spec.task(), labels, finders, options.sliceBy(), check);
        RowMetrics metrics = rows.metrics();
        Baselines.Found baselines = new Baselines(workDirectory, spec, base, shared, listener, check)
                .of(labels, evaluated, metrics, leftOut);
        List<Findings.LikelyMislabelled> mislabelled = mislabelled(
                split,
                rows,
                new RowFile(workDirectory.resolve(WorkFiles.TRAIN), result()),
                hasFolds,
                labels,
                baselines.words());
        if (evaluation != null && !evaluation.heldOut() && !mislabelled.isEmpty()) {
            leftOut.add(
                    "If the model was trained on these rows, it has learned their wrong labels, too. Some of them are then not found.");
        }
        return new Findings(
                baselines.all(),
                mislabelled,
                rows.hardest(),
                rows.slices(metrics, leftOut),
                counterfactuals(rows, isOfFolds, leftOut),
                rows.groupScores(),
                leftOut);
    }

    /** Returns the file with the predictions of an evaluation, or of the models of folds. */
    private Path result() {
        return workDirectory.resolve(WorkFiles.RESULT).resolve(GzipLines.LINES);
    }

    /** Returns the file with the predictions of the model of a job. */
    private Path ofModel() {
        return workDirectory.resolve(WorkFiles.PREDICTIONS);
    }

    /** Returns the rows with wrong labels: of the report, and of the training rows by the models of folds or else by the baseline. */
    private List<Findings.LikelyMislabelled> mislabelled(
            String split,
            PredictedRows reported,
            RowFile folds,
            boolean hasFolds,
            Labels labels,
            TextBaseline.@Nullable Computed baseline) {
        Findings.LikelyMislabelled ofTraining = hasFolds
                ? MislabelledRows.of(folds, spec.task(), labels, spec.dataset(), "train", "folds", check)
                : baseline == null ? null : baseline.suspects();
        Findings.LikelyMislabelled ofReport =
                hasFolds && split.equals("train") ? null : reported.mislabelled(dataset(split), split);
        return Stream.of(ofReport, ofTraining)
                .filter(Objects::nonNull)
                .map(found -> (Findings.LikelyMislabelled) found)
                .toList();
    }

    private TermLists terms() {
        return options.terms() == null ? TermLists.builtIn() : TermLists.of(Json.MAPPER.valueToTree(options.terms()));
    }

    /** Returns the id of the dataset with the rows of a split. */
    private @Nullable String dataset(String split) {
        String other = switch (split) {
            case "test" -> spec.testDataset();
            case "validation" -> spec.validationDataset();
            default -> null;
        };
        return other == null ? spec.dataset() : other;
    }

    private @Nullable Counterfactuals counterfactuals(PredictedRows rows, boolean isOfFolds, List<String> leftOut) {
        if (!rows.hasTerms()) {
            return null;
        }
        if (isOfFolds) { // the model of the job would be compared with those of the folds
            leftOut.add(
                    "There are no counterfactuals, because the rows were computed by the models of the folds, which are not kept. Add test rows to have some.");
            return null;
        }
        boolean inWindows = spec.taskOptions().longTexts() == LongTexts.WINDOWS;
        return OptionalPart.orNull(
                "There are no counterfactuals",
                () -> model.with(predictor -> rows.counterfactuals(new ModelScorer(predictor, inWindows, check))),
                leftOut::add);
    }
}
