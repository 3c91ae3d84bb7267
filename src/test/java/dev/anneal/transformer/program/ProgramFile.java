package dev.anneal.transformer.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A program as a file, which {@code torch.jit.load} of Python reads, too. */
public final class ProgramFile {
    private ProgramFile() {}

    /** Writes the archive that {@link Program#load} would load. */
    public static void write(Path file, String program, Map<String, Object> settings, Map<String, String> roles)
            throws IOException {
        Files.write(file, ProgramArchive.of(program, settings, ProgramText.withImports(program, roles)));
    }
}
