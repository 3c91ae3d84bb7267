package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.TransferProgress;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The file that a command writes. It is not overwritten unless that is asked for. */
public final class OutputFile {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "File to write (default: the name with the ending of the format).")
    private @Nullable Path file;

    @Option(names = "--force", description = "Overwrite the file if it exists.")
    private boolean force;

    /** Makes the options of a command. */
    public OutputFile() {}

    /** Makes a file that other options name. */
    public OutputFile(Path file, boolean force) {
        this.file = file;
        this.force = force;
    }

    /** Returns whether the user chose a file. */
    public boolean isGiven() {
        return file != null;
    }

    /** Returns the ending of the name that the user chose, without the dot: empty if there is none. */
    public String ending() {
        String name = file == null || file.getFileName() == null
                ? ""
                : file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** Throws if the file cannot be written, for a command that takes long before it writes. */
    public void check(String name, String ending) {
        target(name, ending);
    }

    /**
     * Writes what a call answers.
     *
     * @param name the name of what is written, for a user who chose no file
     * @param doing says what the command does, such as downloading
     */
    public void write(Session session, Api api, Call call, String name, String ending, String doing, long size)
            throws IOException, InterruptedException {
        Path target = target(name, ending);
        api.download(call, target, new TransferProgress(doing, size, doing, session.terminal()));
        session.terminal()
                .line("Wrote " + Shell.word(target.toString()) + " (" + Units.bytes(Files.size(target)) + ").");
    }

    private Path target(String name, String ending) {
        Path target = file == null ? Path.of(name.replaceAll("[^\\w.-]+", "-") + "." + ending) : file;
        String shown = Shell.word(target.toString());
        Path folder = target.toAbsolutePath().getParent();
        if (Files.isDirectory(target)) {
            throw new Failure(shown + " is a folder. Give the name of a file with --output.");
        }
        if (folder != null && !Files.isWritable(folder)) {
            throw new Failure(
                    Files.isDirectory(folder)
                            ? "You may not write into the folder of " + shown + ". Give another file with --output."
                            : "The folder of " + shown
                                    + " does not exist. Make it, or give another file with --output.");
        }
        if (Files.exists(target) && !force) {
            throw new Failure(
                    "The file " + shown + " exists. Give another name with --output, or --force to overwrite it.");
        }
        return target;
    }
}
