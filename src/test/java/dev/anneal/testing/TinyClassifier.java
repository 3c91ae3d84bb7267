package dev.anneal.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A classifier of the labels bad, fair and good with few random weights, to import. */
public final class TinyClassifier {
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final List<String> FILES = List.of(
            "bert-classifier/config.json",
            "bert-classifier/model.safetensors",
            "bert/special_tokens_map.json",
            "bert/tokenizer.json",
            "bert/tokenizer_config.json");

    private TinyClassifier() {}

    /** Returns a new directory with its files. */
    public static Path directory() {
        Path directory = TestServer.newDirectory();
        try {
            for (String file : FILES) {
                Path path = MODELS.resolve(file);
                Files.copy(path, directory.resolve(path.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    /** Returns its files as a zip. */
    public static byte[] zip() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String file : FILES) {
                Path path = MODELS.resolve(file);
                zip.putNextEntry(new ZipEntry(path.getFileName().toString()));
                Files.copy(path, zip);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
