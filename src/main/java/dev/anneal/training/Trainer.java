package dev.anneal.training;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.evaluation.ClassificationReport;
import dev.anneal.transformer.Architecture;
import dev.anneal.transformer.Head;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelConfig;
import dev.anneal.transformer.ModelException;
import dev.anneal.transformer.TextClassifier;
import dev.anneal.transformer.Tokenizer;
import dev.anneal.transformer.Torch;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/**
 * The program that runs one training job: {@code Trainer <work directory>}. Events go to standard output, one JSON line
 * each ({@link TrainerEvent}); the exit code is 0, or 1 with the reason as the last line of standard error.
 */
public final class Trainer {
    /** Files of the work directory; those of rows have lines {@code {"text", "text_pair", "label"}}. */
    public static final String TRAIN = "train.jsonl";

    public static final String VALIDATION = "validation.jsonl";
    public static final String TEST = "test.jsonl";
    /** The published model, a Hugging Face directory. */
    public static final String MODEL = "model";

    private final Path workDirectory;
    private final EventStream events;

    private Trainer(Path workDirectory, EventStream events) {
        this.workDirectory = workDirectory;
        this.events = events;
    }

    public static void main(String[] arguments) {
        EventStream events = new EventStream(
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        System.setOut(System.err);
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        if ("1".equals(System.getenv(ParentWatch.VARIABLE))) {
            Signals.ignore();
            ParentWatch.start(System.in);
        } else {
            Signals.end();
        }
        try {
            if (arguments.length != 1) {
                throw new TrainingException("usage: Trainer <work directory>");
            }
            new Trainer(Path.of(arguments[0]), events).train();
            Runtime.getRuntime().halt(0);
        } catch (TrainingException | ModelException e) {
            System.err.println(e.getMessage());
        } catch (OutOfMemoryError e) {
            System.err.println("out of memory: " + e.getMessage() + "; use a smaller batch_size or max_length");
        } catch (Throwable e) {
            e.printStackTrace();
            System.err.println(lastLine(e));
        }
        Runtime.getRuntime().halt(1);
    }

    /** Of an error in a program, libtorch puts the call chain first and what went wrong last. */
    private static String lastLine(Throwable e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((first, last) -> last)
                .orElse(e.toString())
                .strip();
    }

    private void train() throws IOException {
        TrainingSpec spec = TrainingSpec.read(workDirectory);
        Hyperparameters hyperparameters = spec.hyperparameters();
        Path base = Path.of(spec.baseModel());
        Torch.useThreads(spec.threads());
        Precision precision = Precision.of(hyperparameters.precision(), spec.device());

        ModelConfig baseConfig = ModelConfig.read(base);
        Head head = Head.classification(baseConfig, spec.labels().size());
        ModelConfig config =
                baseConfig.asClassifier(Architecture.of(baseConfig).transformersClass(head), spec.labels());
        int maxLength = Math.min(hyperparameters.maxLength(), config.maxPositions());
        Tokenizer tokenizer = Tokenizer.load(base, maxLength);
        Examples train = read(TRAIN, tokenizer, spec);
        Examples validation = read(VALIDATION, tokenizer, spec);
        Examples test = read(TEST, tokenizer, spec);
        if (train.size() == 0) {
            throw new TrainingException(TRAIN + " has no rows");
        }

        boolean newClassifier = !baseConfig.labels().equals(spec.labels());
        NewWeights newWeights = new NewWeights(hyperparameters.seed());
        Model model = Model.load(base, config, head, spec.device(), newClassifier, newWeights::of);
        BestEpoch best;
        try (TextClassifier classifier = new TextClassifier(model, tokenizer, maxLength, spec.threads())) {
            events.emit(
                    TrainerEvent.START,
                    new TrainerEvent.Start(
                            spec.device(),
                            precision.text(),
                            hyperparameters.epochs(),
                            TrainingRun.steps(hyperparameters, train),
                            train.size(),
                            validation.size(),
                            test.size()));
            events.log(
                    "info", newClassifier ? "the classifier starts anew" : "the classifier of the base model goes on");
            Path target = workDirectory.resolve(MODEL);
            best = new TrainingRun(spec, model, classifier, train, validation, events, target).run(precision);
        }
        events.emit(TrainerEvent.DONE, new TrainerEvent.Done(best, report(spec, validation, test)));
    }

    private Examples read(String file, Tokenizer tokenizer, TrainingSpec spec) {
        return new ExampleFile(workDirectory.resolve(file)).read(tokenizer, spec.labels(), spec.threads());
    }

    /** Reports on the model as it was published; returns the test metrics, or null where there are no test rows. */
    private TestMetrics report(TrainingSpec spec, Examples validation, Examples test) throws IOException {
        boolean tested = test.size() > 0;
        if (!tested && validation.size() == 0) {
            return null;
        }
        Path published = workDirectory.resolve(MODEL);
        try (TextClassifier classifier = TextClassifier.load(published, spec.device(), spec.threads())) {
            ClassificationReport report = new FinalReport(workDirectory)
                    .write(
                            tested ? "test" : "validation",
                            new Evaluator(classifier).predict(tested ? test : validation),
                            new ExampleFile(workDirectory.resolve(tested ? TEST : VALIDATION)));
            return tested ? TestMetrics.of(report) : null;
        }
    }
}
