package dev.anneal.training.part;

import dev.anneal.files.DurableFiles;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The metrics of a model that was trained on a part of the rows, on other rows, and its scores of their examples, in a file that is
 * mapped into memory. Checkpoints have the files of each part that is done, so that no part is trained twice.
 */
public final class PartScores {
    /** Changes with the form of the files. */
    private static final int VERSION = 1;

    /** The file beside the scores, which is written last. */
    private record Note(int version, int key, int examples, int width, String checksum, Map<String, Double> metrics) {}

    private final Pieces scores;
    private final Map<String, Double> metrics;

    private PartScores(Pieces scores, Map<String, Double> metrics) {
        this.scores = scores;
        this.metrics = metrics;
    }

    /** The file in pieces, each with as many examples: a buffer has less than 2 GiB. */
    private record Pieces(FloatBuffer[] buffers, int examplesEach, int width) {
        private static final long BYTES = 1 << 28;

        static Pieces map(FileChannel channel, FileChannel.MapMode mode, int examples, int width) throws IOException {
            long exampleBytes = 4L * width;
            int each = (int) Math.max(1, Math.min(examples, BYTES / exampleBytes));
            FloatBuffer[] buffers = new FloatBuffer[(int) ((examples + each - 1L) / each)];
            for (int i = 0; i < buffers.length; i++) {
                long from = (long) i * each;
                buffers[i] = channel.map(mode, from * exampleBytes, Math.min(each, examples - from) * exampleBytes)
                        .asFloatBuffer();
            }
            return new Pieces(buffers, each, width);
        }

        void put(int example, float[] values) {
            buffers[example / examplesEach].put(example % examplesEach * width, values, 0, width);
        }

        float[] of(int example) {
            float[] values = new float[width];
            buffers[example / examplesEach].get(example % examplesEach * width, values);
            return values;
        }
    }

    /** The scores while they are computed. */
    public static final class Writer {
        private final Path file;
        private final Pieces scores;
        private final int examples;

        /** Begins the scores of so many examples, with {@code width} scores each. */
        public Writer(Path directory, String part, int examples, int width) throws IOException {
            this.file = scores(directory, part);
            this.examples = examples;
            Files.deleteIfExists(file);
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                scores = Pieces.map(channel, FileChannel.MapMode.READ_WRITE, examples, width);
            }
        }

        public void put(int example, float[] values) {
            scores.put(example, values);
        }

        /** Makes the files complete; {@code key} is that of the part. */
        public void finish(int key, Map<String, Double> metrics) throws IOException {
            DurableFiles.forceOne(file);
            Note note = new Note(VERSION, key, examples, scores.width(), DurableFiles.checksum(file), metrics);
            Path target = note(file);
            Path part = target.resolveSibling(target.getFileName() + ".part");
            Files.writeString(part, Json.write(note));
            DurableFiles.forceOne(part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path scores(Path directory, String part) {
        return directory.resolve(part + ".bin");
    }

    private static Path note(Path scores) {
        return scores.resolveSibling(scores.getFileName().toString().replace(".bin", ".json"));
    }

    /** Returns whether the scores of the model of a part are complete. */
    public static boolean areIn(Path directory, String part) {
        return Files.exists(note(scores(directory, part)));
    }

    /** Reads the scores; returns null if there are none, if they are corrupt, or if they are of a part with another key. */
    public static @Nullable PartScores read(Path directory, String part, int key) throws IOException {
        Path file = scores(directory, part);
        if (!Files.exists(file) || !areIn(directory, part)) {
            return null;
        }
        Note note;
        try {
            note = Json.read(Files.readString(note(file)), Note.class);
        } catch (JacksonException corrupt) {
            return null;
        }
        if (note.version() != VERSION
                || note.key() != key
                || Files.size(file) != 4L * note.examples() * note.width()
                || !DurableFiles.checksum(file).equals(note.checksum())) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return new PartScores(
                    Pieces.map(channel, FileChannel.MapMode.READ_ONLY, note.examples(), note.width()), note.metrics());
        }
    }

    /** Copies the files into another directory, the scores first. */
    public static void copy(Path from, Path to, String part) throws IOException {
        Path file = scores(from, part);
        for (Path each : new Path[] {file, note(file)}) {
            Path target = to.resolve(each.getFileName());
            Files.deleteIfExists(target);
            Files.copy(each, target);
        }
    }

    public Map<String, Double> metrics() {
        return metrics;
    }

    /** Returns the scores of an example, counted from 0. */
    public float[] of(int example) {
        return scores.of(example);
    }
}
