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
 * The metrics of a model that was trained on a part of the rows, on other rows, and its scores of their examples, in a file that is mapped into memory. Checkpoints have the files of each part that is done, so that no part is trained twice.
 */
public final class PartScores {
    /** Changes with the form of the files. */
    private static final int VERSION = 1;

    /** The file beside the scores, which is written last. */
    private record Note(int version, int key, int examples, int width, String checksum, Map<String, Double> metrics) {}

    private final FloatBuffer scores;
    private final int width;
    private final Map<String, Double> metrics;

    private PartScores(FloatBuffer scores, int width, Map<String, Double> metrics) {
        this.scores = scores;
        this.width = width;
        this.metrics = metrics;
    }

    /** The scores while they are computed. */
    public static final class Writer {
        private final Path file;
        private final FloatBuffer scores;
        private final int width;

        /** Begins the scores of so many examples, with {@code width} scores each. */
        public Writer(Path directory, String part, int examples, int width) throws IOException {
            this.file = scores(directory, part);
            this.width = width;
            Files.deleteIfExists(file);
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                scores = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4L * examples * width)
                        .asFloatBuffer();
            }
        }

        public void put(int example, float[] values) {
            for (int i = 0; i < width; i++) {
                scores.put(example * width + i, values[i]);
            }
        }

        /** Makes the files complete; {@code key} is that of the part. */
        public void finish(int key, Map<String, Double> metrics) throws IOException {
            DurableFiles.forceOne(file);
            Note note = new Note(VERSION, key, scores.capacity() / width, width, DurableFiles.checksum(file), metrics);
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
            FloatBuffer scores = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                    .asFloatBuffer();
            return new PartScores(scores, note.width(), note.metrics());
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
        float[] values = new float[width];
        scores.get(example * width, values);
        return values;
    }
}
