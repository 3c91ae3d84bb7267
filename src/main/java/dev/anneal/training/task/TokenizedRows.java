package dev.anneal.training.task;

import dev.anneal.files.DurableFiles;
import dev.anneal.files.RecordFile;
import dev.anneal.files.RecordFileWriter;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a split as examples, in a file that is mapped into memory. Jobs of a machine share the files: a job with the same
 * rows, tokenizer, task and {@code max_length} does not tokenize again.
 *
 * @param examples in the order of the rows
 * @param rows how many rows there are
 * @param isShared whether an earlier job tokenized them
 */
public record TokenizedRows(Examples examples, long rows, boolean isShared) {
    /** The examples of a split without rows. */
    public static final TokenizedRows NONE = new TokenizedRows(Examples.NONE, 0, true);

    /** The facts that are written with the examples of a file. */
    record Note(long rows, ExampleTotals totals, Map<String, Boolean> optionalFields) {}

    /** Everything that decides on the examples of a row, besides the row. */
    private record Key(
            int version,
            String program,
            String rows,
            Map<String, String> tokenizer,
            String task,
            List<String> labels,
            Object options,
            @Nullable EvaluationSpec evaluation,
            int maxLength) {}

    /**
     * A reader of the rows of one job.
     *
     * @param shared the files of this machine, or null to share none
     */
    public record Reader(
            JobSpec spec,
            Path baseModel,
            int maxLength,
            int threads,
            @Nullable SharedFiles shared,
            SharedFiles.Listener listener) {

        private static @Nullable String build;

        /** Returns the examples of a file of rows, none if there is no such file; {@code task} is used for no other file. */
        public TokenizedRows read(
                Path file, @Nullable String dataset, TrainingTask task, ExampleFile.Tokenized progress)
                throws IOException {
            if (!Files.exists(file)) {
                return NONE;
            }
            Path own = file.resolveSibling(file.getFileName().toString().replace(".jsonl", "") + ".examples");
            SharedFiles.Make make = path -> write(path, new ExampleFile(file), task, progress);
            if (shared == null || dataset == null) {
                make.at(own);
                return of(new SharedFiles.Got<>(RecordFile.open(own), false), task);
            }
            return of(shared.get(dataset, key(file), own, make, RecordFile::open, listener), task);
        }

        private static TokenizedRows of(SharedFiles.Got<RecordFile> got, TrainingTask task) {
            RecordFile records = got.open();
            Note note = Json.read(records.note(), Note.class);
            if (got.isShared()) {
                task.addOptionalFields(note.optionalFields());
            }
            int[] lengths = IntStream.range(0, records.size())
                    .map(i -> ExampleCodec.length(records.first(i)))
                    .toArray();
            Examples examples = new Examples(i -> ExampleCodec.decode(records.get(i)), lengths, note.totals());
            return new TokenizedRows(examples, note.rows(), got.isShared());
        }

        private void write(Path path, ExampleFile rows, TrainingTask task, ExampleFile.Tokenized progress)
                throws IOException {
            try (RecordFileWriter out = new RecordFileWriter(path)) {
                out.finish(Json.write(rows.tokenize(task, threads, out, progress)));
            }
        }

        private String key(Path rows) throws IOException {
            Map<String, String> tokenizer = new TreeMap<>();
            try (Stream<Path> files = Files.list(baseModel)) {
                for (Path file : files.filter(Reader::isRead).toList()) {
                    tokenizer.put(file.getFileName().toString(), DurableFiles.sha256(file));
                }
            }
            return Sha256.of(Json.write(new Key(
                    ExampleCodec.VERSION,
                    build(),
                    DurableFiles.sha256(rows),
                    tokenizer,
                    spec.task().text(),
                    spec.labels(),
                    spec.taskOptions().ofExamples(),
                    spec.evaluation(),
                    maxLength)));
        }

        /** Returns a hash of this program: another build may make other examples of the same rows. */
        private static synchronized String build() throws IOException {
            String known = build;
            if (known == null) {
                known = hashOfProgram();
                build = known;
            }
            return known;
        }

        private static String hashOfProgram() throws IOException {
            Path code;
            try {
                code = Path.of(TokenizedRows.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
            } catch (URISyntaxException e) {
                throw new IOException(e);
            }
            if (Files.isRegularFile(code)) {
                return DurableFiles.sha256(code);
            }
            Map<String, String> classes = new TreeMap<>();
            try (Stream<Path> files = Files.walk(code.resolve("dev"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    classes.put(code.relativize(file).toString(), DurableFiles.sha256(file));
                }
            }
            return Sha256.of(Json.write(classes));
        }

        /** Returns whether a file of the base model may say how texts become tokens: all but its weights and their index. */
        private static boolean isRead(Path file) {
            String name = file.getFileName().toString();
            return name.endsWith(".json") && !name.endsWith(".index.json") || name.endsWith(".jinja");
        }
    }
}
