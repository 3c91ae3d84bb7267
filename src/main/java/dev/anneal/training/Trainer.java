package dev.anneal.training;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.evaluation.AnswerReport;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.Tuning;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.text.ControlCharacters;
import dev.anneal.training.answer.Answers;
import dev.anneal.training.checkpoint.RoundTripCheck;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TestMetrics;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.finding.FindingsWriter;
import dev.anneal.training.finding.OptionalPart;
import dev.anneal.training.finding.PartResults;
import dev.anneal.training.forgetting.ForgettingCheck;
import dev.anneal.training.process.ParentWatch;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.Signals;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.CalibratedHead;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.OomVictim;
import dev.anneal.transformer.program.OutOfMemory;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The program that runs one training job: {@code Trainer <work directory>}. Events go to standard output, one JSON line
 * each ({@link TrainerEvent}). The exit code is 0, 75 if it was asked to stop, or 1 with the reason as the last line of
 * standard error; 70 in place of 1 for a fault that a retry would repeat.
 */
public final class Trainer {
    /** The libraries of a GPU, as libtorch names them in its errors. */
    private static final Pattern GPU_FAULT = Pattern.compile("(?i)\\bcu(da|dnn|blas|fft|rand|solver|sparse)");

    private static final String NOT_CALIBRATED =
            "The model is not calibrated. No temperature from 0.05 to 20 gives the validation rows the lowest loss, or there are "
                    + "no validation rows.";

    private final Path workDirectory;
    private final EventStream events;
    private final StopRequest stop;

    Trainer(Path workDirectory, EventStream events, StopRequest stop) {
        this.workDirectory = workDirectory;
        this.events = events;
        this.stop = stop;
    }

    public static void main(String[] arguments) {
        EventStream events = new EventStream(
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        System.setOut(System.err);
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        OomVictim.prefer();
        StopRequest stop = new StopRequest();
        if ("1".equals(System.getenv(ParentWatch.VARIABLE))) {
            Signals.ignore();
            ParentWatch.start(System.in, stop);
        } else {
            Signals.stopOnTerm(stop);
        }
        try {
            if (arguments.length != 1) {
                throw new TrainingException("Usage: Trainer <work directory>");
            }
            new Trainer(Path.of(arguments[0]), events, stop).train();
            Runtime.getRuntime().halt(0);
        } catch (StopRequest.Stopped e) {
            Runtime.getRuntime().halt(WorkFiles.STOPPED_EXIT_CODE);
        } catch (TrainingException | ModelException e) {
            System.err.println(ControlCharacters.escape(String.valueOf(e.getMessage())));
        } catch (OutOfMemoryError e) {
            System.err.println("Out of memory: " + e.getMessage()
                    + ". Raise anneal.trainer.heap, or use a smaller batch_size or max_length.");
        } catch (Throwable e) {
            e.printStackTrace();
            System.err.println(ControlCharacters.escape(lastLine(e)));
            Runtime.getRuntime().halt(mayPass(e) ? 1 : WorkFiles.FAULT_EXIT_CODE);
        }
        Runtime.getRuntime().halt(1);
    }

    /** Returns whether a retry may succeed, because the reason may be the machine: its disk, its libraries or its GPU. */
    static boolean mayPass(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException
                    || cause instanceof UncheckedIOException
                    || cause instanceof LinkageError
                    || cause instanceof VirtualMachineError
                    || GPU_FAULT.matcher(String.valueOf(cause.getMessage())).find()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the last line of a message: for an error in a program, libtorch puts the call chain before what went wrong. */
    private static String lastLine(Throwable e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((first, last) -> last)
                .orElse(e.toString())
                .strip();
    }

    void train() throws IOException {
        WorkOrder order = WorkOrder.read(workDirectory);
        try {
            if (order.spec().evaluation() == null) {
                train(order);
            } else {
                new Evaluation(workDirectory, order, events, stop).run();
            }
        } catch (RuntimeException e) {
            // The worker adds what to lower.
            String full = OutOfMemory.on(order.placement().device(), e);
            throw full == null ? e : new TrainingException(full + ".", e);
        }
    }

    private void train(WorkOrder order) throws IOException {
        JobSpec spec = order.spec();
        Placement placement = order.placement();
        Hyperparameters hyperparameters = spec.hyperparameters();
        Path base = Path.of(placement.baseModel());
        Torch.useThreads(placement.threads());

        NewModel model = NewModel.of(spec, ModelConfig.read(base));
        Head head = model.head();
        LongTexts longTexts = spec.taskOptions().longTexts();
        ModelConfig config = model.config()
                .withHead(head, spec.labels())
                .withLongTexts(longTexts == null ? LongTexts.TRUNCATE : longTexts);
        int maxLength =
                Math.min(hyperparameters.maxLength(), Architecture.of(config).maxLength(config));
        Tokenizer tokenizer = Tokenizer.load(base, maxLength);
        RowReader rows = new RowReader(
                workDirectory, order, maxLength, () -> TrainingTask.of(spec, base, tokenizer, maxLength), events);
        TrainingTask unfitted = TrainingTask.of(spec, base, tokenizer, maxLength);
        ExampleFile trainFile = new ExampleFile(workDirectory.resolve(WorkFiles.TRAIN));
        Examples all = rows.train(unfitted);
        TrainingTask task = unfitted.fitted(trainFile, all);
        SplitCheck check = new SplitCheck(
                task,
                spec.task().isLanguageModel(),
                !placement.earlierCheckpoints().isEmpty(),
                maxLength,
                events);
        Examples learned = check.training(all);
        Examples replayed = rows.replay(task).learnable(task);
        Examples train = task.packed(learned.and(replayed), new SplittableRandom(hyperparameters.seed()));
        Examples validation = check.validation(rows.validation(task), learned);
        Examples test = check.evaluation("test", rows.test(task));
        task.warnings().forEach(this::warn);

        ModelTraining training = new ModelTraining(order, config, head, tokenizer, maxLength, stop);
        var validationFile = new ExampleFile(workDirectory.resolve(WorkFiles.VALIDATION));
        String drawn = spec.subset() == null && spec.replay() == null
                ? null
                : trainFile.hashOfRowNumbers() + hashOfReplay(spec);
        var data = new TrainingData(task, train, drawn, validation, validationFile, test.size());
        FoldParts folds = spec.folds() == null ? null : FoldParts.of(order, data, trainFile, spec.folds());
        boolean tested = test.size() > 0;
        CurveParts curve = spec.dataCurve() && test.size() + validation.size() > 0
                ? new CurveParts(
                        order,
                        data,
                        trainFile,
                        tested ? test : validation,
                        tested ? "test" : "validation",
                        reported(tested))
                : null;
        PartTraining parts = new PartTraining(
                workDirectory,
                training,
                unfitted,
                data,
                Stream.concat(
                                folds == null ? Stream.empty() : folds.parts().stream(),
                                curve == null ? Stream.empty() : curve.parts().stream())
                        .toList(),
                events,
                stop);
        parts.takeOver();
        boolean startsWithParts = parts.isLeft();
        ModelTraining.Trained trained;
        if (startsWithParts) {
            started(order, training, data, learned, rows, null);
        }
        try (FrozenActivations frozen = startsWithParts ? training.frozen(data, workDirectory, events) : null) {
            TrainingData shared = data.with(frozen);
            if (startsWithParts) {
                parts.run(shared);
            }
            trained = training.train(shared, workDirectory, parts.eventsAfter(), (resumed, headIsNew) -> {
                if (!startsWithParts) {
                    started(order, training, data, learned, rows, resumed);
                }
                logStart(resumed, spec.method(), head, headIsNew);
            });
        }
        PartResults results = partResults(order, parts, folds, curve);
        TestMetrics metrics = report(order, task, trained.roundTrip(), validation, test, results);
        info("Saving the model.");
        stop.enable(); // the model is written, so a request is ignored
        events.emit(TrainerEvent.DONE, new TrainerEvent.Done(trained.best(), metrics));
    }

    private void started(
            WorkOrder order,
            ModelTraining training,
            TrainingData data,
            Examples learned,
            RowReader rows,
            @Nullable Integer resumed) {
        Hyperparameters hyperparameters = order.spec().hyperparameters();
        int examples = training.examples(data.train().size());
        events.emit(
                TrainerEvent.START,
                new TrainerEvent.Start(
                        order.placement().device(),
                        training.precision().text(),
                        hyperparameters.epochs(),
                        DataLoader.steps(examples, hyperparameters),
                        examples,
                        data.validation().size(),
                        data.testExamples(),
                        learned.truncated(),
                        learned.tokensLeftOut(),
                        rows.tokenized(),
                        rows.shared(),
                        resumed));
    }

    private String hashOfReplay(JobSpec spec) {
        return spec.replay() == null
                ? ""
                : "-" + new ExampleFile(workDirectory.resolve(WorkFiles.REPLAY)).hashOfRowNumbers();
    }

    private void logStart(@Nullable Integer resumed, Method method, Head head, boolean headIsNew) {
        if (resumed != null) {
            events.log("info", "Resumed after step " + resumed + ".");
        } else if (method.learnsPairs()) {
            events.log("info", "The last layer of the head is fitted to the rows before each validation.");
        } else if (!head.shapes().isEmpty()) {
            events.log(
                    "info",
                    headIsNew
                            ? "The head is initialized with random weights."
                            : "The head keeps the weights of the base model.");
        }
    }

    /**
     * Reads the published model back, checks that it is the trained one, calibrates it if the job asks for that, and writes its
     * report. Without test and validation rows, the report is on the training rows by the models of the folds, if there are folds.
     * Returns the test metrics if there are test rows.
     */
    private @Nullable TestMetrics report(
            WorkOrder order,
            TrainingTask task,
            RoundTripCheck check,
            Examples validation,
            Examples test,
            PartResults parts)
            throws IOException {
        boolean tested = test.size() > 0;
        int examples = tested ? test.size() : validation.size();
        if (examples > 0) {
            info("Evaluating the model on %,d %s %s."
                    .formatted(examples, tested ? "test" : "validation", examples == 1 ? "example" : "examples"));
        }
        Report report = computed(order, task, check, validation, test);
        if (report == null) {
            report = parts.outOfFold();
        }
        if (report == null) {
            return null;
        }
        if (report instanceof LanguageModelReport languageModel) {
            report = languageModel.withAnswers(answers(order, tested));
        }
        info("Comparing the model with its base model on general text.");
        Forgetting forgotten = forgetting(order);
        if (order.spec().task().predictsTexts()) {
            info("Computing the baselines and the other findings of the report.");
        }
        Files.writeString(
                workDirectory.resolve(WorkFiles.REPORT), findings(order).json(report, parts, forgotten));
        return tested ? new TestMetrics(report.metrics(), report.examples()) : null;
    }

    /** Returns what the models on parts of the rows say. The predictor is only an argument, since their scores are known. */
    private PartResults partResults(
            WorkOrder order, PartTraining parts, @Nullable FoldParts folds, @Nullable CurveParts curve)
            throws IOException {
        if (folds == null && curve == null) {
            return PartResults.NONE;
        }
        Placement placement = order.placement();
        Path published = workDirectory.resolve(WorkFiles.MODEL);
        try (Predictor predictor = Predictor.loadAny(published, placement.device(), placement.threads())) {
            FoldParts.Result outOfFold =
                    folds == null ? null : folds.result(parts, predictor, workDirectory.resolve(WorkFiles.RESULT));
            return new PartResults(
                    outOfFold == null ? null : outOfFold.crossValidation(),
                    outOfFold == null ? null : outOfFold.report(),
                    curve == null ? List.of() : curve.points(parts, predictor, workDirectory.resolve(PartResults.HALF)),
                    curve == null ? 0 : curve.rows());
        }
    }

    /** Returns the report without answers; null if there are no rows for it. */
    private @Nullable Report computed(
            WorkOrder order, TrainingTask task, RoundTripCheck check, Examples validation, Examples test)
            throws IOException {
        Path published = workDirectory.resolve(WorkFiles.MODEL);
        Placement placement = order.placement();
        boolean calibrate = Boolean.TRUE.equals(order.spec().taskOptions().calibrate());
        boolean tested = test.size() > 0;
        boolean tunes = validation.size() > 0 && (tested || calibrate);
        Tuning tuning;
        try (Predictor predictor = Predictor.loadAny(published, placement.device(), placement.threads())) {
            check.check(predictor.model());
            if (!tested && validation.size() == 0) {
                return null;
            }
            tuning = tunes ? tuning(predictor, task, validation) : null;
            if (!calibrate || tuning == null || tuning.temperature() == null) {
                if (calibrate) {
                    warn(NOT_CALIBRATED);
                }
                return evaluated(predictor, task, tested ? tuning : null, validation, test);
            }
        }
        events.log(
                "info",
                "The scores of the model are divided by the temperature %.4f, which was fitted on the validation rows."
                        .formatted(tuning.temperature()));
        CalibratedHead.write(published, tuning.temperature());
        try (Predictor predictor = Predictor.loadAny(published, placement.device(), placement.threads())) {
            // Without test rows, the report is on the rows that thresholds would be found on.
            Tuning again = tested ? tuning(predictor, task, validation) : null;
            return evaluated(
                    predictor, task, tuning.served(again == null ? List.of() : again.thresholds()), validation, test);
        }
    }

    private @Nullable Tuning tuning(Predictor predictor, TrainingTask task, Examples validation) {
        return task.tuning(
                new Evaluator(predictor.model(), predictor, null, null, stop),
                validation,
                new ExampleFile(workDirectory.resolve(WorkFiles.VALIDATION)));
    }

    private Report evaluated(
            Predictor predictor, TrainingTask task, @Nullable Tuning tuning, Examples validation, Examples test)
            throws IOException {
        boolean tested = test.size() > 0;
        PredictionSink lines = PredictionSink.of(workDirectory.resolve(WorkFiles.PREDICTIONS));
        Evaluator evaluator = new Evaluator(predictor.model(), predictor, null, lines, tuning, stop);
        String split = tested ? "test" : "validation";
        try {
            return task.evaluate(evaluator, tested ? test : validation, split, reported(tested));
        } catch (Evaluator.LossNotFinite notFinite) {
            throw new TrainingException(
                    "The loss of the trained model on one of the %s rows is infinite or not a number. Use a lower learning_rate. The model is in the checkpoints of the job."
                            .formatted(split),
                    notFinite);
        }
    }

    private ExampleFile reported(boolean tested) {
        return new ExampleFile(workDirectory.resolve(tested ? WorkFiles.TEST : WorkFiles.VALIDATION));
    }

    /** Returns the answers of a model that generates text, and of its base model. */
    private @Nullable AnswerReport answers(WorkOrder order, boolean tested) {
        Integer most = order.spec().taskOptions().generatedAnswers();
        Placement placement = order.placement();
        if (most == null || most == 0) {
            return null;
        }
        info("Generating answers for the report.");
        return OptionalPart.orNull(
                "The report has no generated answers",
                () -> Answers.report(
                        workDirectory.resolve(WorkFiles.MODEL),
                        Path.of(placement.baseModel()),
                        placement.device(),
                        placement.threads(),
                        reported(tested),
                        most,
                        stop),
                this::warn);
    }

    private void info(String message) {
        events.log("info", message);
    }

    private void warn(String message) {
        events.log("warn", message);
    }

    /** Returns what the model forgot of what its base model knew. */
    private @Nullable Forgetting forgetting(WorkOrder order) {
        return OptionalPart.orNull(
                "The report does not say what the model forgot",
                () -> new ForgettingCheck(order.spec(), order.placement(), stop)
                        .compare(workDirectory.resolve(WorkFiles.MODEL), workDirectory.resolve(WorkFiles.RETAIN)),
                this::warn);
    }

    private FindingsWriter findings(WorkOrder order) {
        Placement placement = order.placement();
        return new FindingsWriter(
                workDirectory,
                order,
                use -> {
                    try (Predictor predictor = Predictor.loadAny(
                            workDirectory.resolve(WorkFiles.MODEL), placement.device(), placement.threads())) {
                        return use.apply(predictor);
                    }
                },
                reason -> warn("The baselines cannot be kept for other jobs: " + reason.getMessage()),
                stop::check);
    }
}
