package dev.anneal.cli.terminal;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/** Words as a shell reads them. */
public final class Shell {
    /** The option that names the data directory. */
    public static final String DATA = "--data";

    /** The options of the command that runs which name its server, with words of the shell. A process runs one command. */
    private static volatile Map<String, String> given = Map.of();

    private Shell() {}

    /** Runs a command. Meanwhile, the commands to type next have these options. Returns the exit code. */
    public static int withOptions(Map<String, String> options, IntSupplier command) {
        given = options;
        try {
            return command.getAsInt();
        } finally {
            given = Map.of();
        }
    }

    /** Returns a command of this program, which is named as the user has called it, with the options that name the server. */
    public static String anneal(String command) {
        return anneal(command, Map.of());
    }

    /**
     * Does the same for a command with these options besides.
     *
     * @param own their values, as words of the shell, by their names; they replace given ones
     */
    public static String anneal(String command, Map<String, String> own) {
        Map<String, String> options = new LinkedHashMap<>(given);
        options.putAll(own);
        return line(command, options);
    }

    /** Returns a command that works on the data directory of the server, and calls none. */
    public static String local(String command) {
        String data = given.get(DATA);
        return line(command, data == null ? Map.of() : Map.of(DATA, data));
    }

    /** Returns a command that works on this data directory. */
    public static String local(String command, Path data) {
        return line(command, Map.of(DATA, path(data)));
    }

    private static String line(String command, Map<String, String> options) {
        StringBuilder line = new StringBuilder(System.getProperty("anneal.program", "anneal"))
                .append(' ')
                .append(command);
        options.forEach(
                (name, value) -> line.append(' ').append(name).append(' ').append(value));
        return line.toString();
    }

    /** Returns a word, quoted if a shell needs that, as for a {@code ~} at the beginning. */
    public static String word(String word) {
        return word.matches("[\\w./+@%:=-][\\w./~+@%:=-]*") ? word : quote(word);
    }

    public static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** Returns a path, shortened to {@code ~} below the home directory, and quoted if a shell needs that. */
    public static String path(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path home = home();
        String word = absolute.startsWith(home) && !absolute.equals(home)
                ? "~/" + home.relativize(absolute)
                : absolute.toString();
        return word.matches("[\\w./~+-]+") ? word : quote(absolute.toString());
    }

    /** Returns whether a word is the path of a file. */
    public static boolean isFile(String word) {
        try {
            return Files.isRegularFile(Path.of(word));
        } catch (InvalidPathException noPath) {
            return false;
        }
    }

    /** Returns the home directory as the shell has it, which may differ from the one in the system's list of users. */
    public static Path home() {
        String home = System.getenv("HOME");
        return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
    }
}
