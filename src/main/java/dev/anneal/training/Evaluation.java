package dev.anneal.training;

import dev.anneal.evaluation.AnswerReport;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.Tuning;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.answer.AnswerFile;
import dev.anneal.training.answer.Answers;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TestMetrics;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.finding.FindingsWriter;
import dev.anneal.training.finding.OptionalPart;
import dev.anneal.training.finding.PartResults;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes a finished model on rows, in place of a training: an evaluation compares the predictions with the labels of the rows, a
 * prediction only writes them. If it is stopped, the next attempt continues after the scores of the last checkpoint. The answers and
 * the loss of a language model are computed again from the first row.
 */
final class Evaluation {
    /** The time between two messages that say how many answers are generated. */
    private static final double SECONDS_BETWEEN_MESSAGES = 30;

    private final Path workDirectory;
    private final JobSpec spec;
    private final EvaluationSpec asked;
    private final WorkOrder order;
    private final EventStream events;
    private final StopRequest stop;
    private final String file;

    Evaluation(Path workDirectory, WorkOrder order, EventStream events, StopRequest stop) {
        this.workDirectory = workDirectory;
        this.order = order;
        this.spec = order.spec();
        this.asked = Objects.requireNonNull(spec.evaluation());
        this.file = WorkFiles.rows(asked.part());
        this.events = events;
        this.stop = stop;
    }

    void run() throws IOException {
        Placement placement = order.placement();
        Path directory = Path.of(placement.baseModel());
        Torch.useThreads(placement.threads());
        boolean isLanguageModel = spec.task().isLanguageModel();
        AnswerReport answers =
                answers(placement); // before the model is loaded for the rows: one copy is in memory at a time
        try (Predictor predictor = isLanguageModel
                        ? Predictor.loadAny(directory, placement.device(), placement.threads())
                        : Predictor.load(
                                directory, placement.device(), placement.threads(), placement.precision(), null);
                Tokenizer tokenizer = Tokenizer.load(directory, predictor.maxLength())) {
            int maxLength = predictor.maxLength();
            RowReader rows = new RowReader(
                    workDirectory,
                    order,
                    maxLength,
                    () -> TrainingTask.of(spec, directory, tokenizer, maxLength),
                    events);
            TrainingTask task = TrainingTask.of(spec, directory, tokenizer, maxLength);
            Examples examples = rows.rows(file, task);
            task.warnings().forEach(warning -> events.log("warn", warning));
            events.emit(
                    TrainerEvent.START,
                    new TrainerEvent.EvaluationStart(
                            placement.device(),
                            predictor.precision(),
                            examples.size(),
                            examples.truncated(),
                            examples.tokensLeftOut(),
                            rows.tokenized(),
                            rows.shared()));
            Report report;
            ComputedRows progress = new ComputedRows(
                    examples.size(),
                    Arrays.stream(examples.lengths()).asLongStream().sum(),
                    events);
            if (isLanguageModel) {
                report = evaluate(predictor, task, examples, progress, answers);
            } else {
                try (ScoreLog log = new ScoreLog(
                                workDirectory,
                                placement.earlierCheckpoints(),
                                spec.checkpoints().everySeconds(),
                                events);
                        RowPredictionWriter predictions = predictions(task, false)) {
                    Evaluator evaluator = new Evaluator(
                            predictor.model(), predictor, null, predictions, tuning(directory), stop, progress, log);
                    report = compute(task, examples, evaluator, log);
                }
            }
            progress.end();
            if (report != null) {
                Files.writeString(
                        workDirectory.resolve(WorkFiles.REPORT),
                        findings(predictor).json(report, PartResults.NONE));
            }
            events.emit(
                    TrainerEvent.DONE,
                    new TrainerEvent.EvaluationDone(
                            report == null ? null : new TestMetrics(report.metrics(), report.examples())));
        }
    }

    /** Evaluates a language model. Only those that generate text have figures for each row. */
    private Report evaluate(
            Predictor predictor,
            TrainingTask task,
            Examples examples,
            ComputedRows progress,
            @Nullable AnswerReport answers)
            throws IOException {
        try (RowPredictionWriter predictions =
                spec.task().hasRowPredictions() ? predictions(task, answers != null) : null) {
            PredictionSink sink = predictions == null ? PredictionSink.NONE : predictions;
            Evaluator evaluator =
                    new Evaluator(predictor.model(), predictor, null, sink, null, stop, progress, Evaluator.Saved.NONE);
            Report report = evaluate(task, examples, evaluator);
            return report instanceof LanguageModelReport ofTokens ? ofTokens.withAnswers(answers) : report;
        }
    }

    private RowPredictionWriter predictions(TrainingTask task, boolean hasAnswers) throws IOException {
        return new RowPredictionWriter(
                workDirectory.resolve(file),
                workDirectory.resolve(WorkFiles.RESULT),
                task,
                hasAnswers ? new AnswerFile(workDirectory.resolve(WorkFiles.ANSWERS)) : null);
    }

    /** Generates the answers to the first rows, if the evaluation has any. */
    private @Nullable AnswerReport answers(Placement placement) {
        Integer most = spec.taskOptions().generatedAnswers();
        if (most == null || most == 0) {
            return null;
        }
        long[] last = {System.nanoTime()};
        return OptionalPart.orNull(
                "There are no generated answers",
                () -> Answers.write(
                        Path.of(placement.baseModel()),
                        placement.device(),
                        placement.threads(),
                        new ExampleFile(workDirectory.resolve(file)),
                        most,
                        workDirectory.resolve(WorkFiles.ANSWERS),
                        stop,
                        done -> {
                            if (Stopwatch.secondsSince(last[0]) >= SECONDS_BETWEEN_MESSAGES) {
                                last[0] = System.nanoTime();
                                events.log("info", "The answers to %,d rows are generated.".formatted(done));
                            }
                        }),
                message -> events.log("warn", message));
    }

    /** Returns the temperature that the scores of a calibrated model have already, null for any other model. */
    private static @Nullable Tuning tuning(Path model) {
        Double temperature = ModelConfig.read(model).temperature();
        return temperature == null ? null : new Tuning(temperature, true, List.of());
    }

    private @Nullable Report compute(TrainingTask task, Examples examples, Evaluator evaluator, ScoreLog log)
            throws IOException {
        stop.enable();
        try {
            if (asked.isLabelled()) {
                return evaluate(task, examples, evaluator);
            }
            task.predict(evaluator, examples);
            return null;
        } catch (StopRequest.Stopped stopped) {
            log.checkpoint("stop");
            throw stopped;
        }
    }

    private Report evaluate(TrainingTask task, Examples examples, Evaluator evaluator) throws IOException {
        return task.evaluate(evaluator, examples, asked.part(), new ExampleFile(workDirectory.resolve(file)));
    }

    private FindingsWriter findings(Predictor predictor) {
        return new FindingsWriter(
                workDirectory,
                order,
                use -> use.apply(predictor),
                reason -> events.log("warn", "The baselines cannot be kept for other jobs: " + reason.getMessage()),
                stop::check);
    }
}
