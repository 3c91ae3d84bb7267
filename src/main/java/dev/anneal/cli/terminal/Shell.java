package dev.anneal.cli.terminal;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Words as a shell reads them. */
public final class Shell {
    private Shell() {}

    /** Returns a command of this program, which is named as the user has called it. */
    public static String anneal(String command) {
        return System.getProperty("anneal.program", "anneal") + " " + command;
    }

    /** Returns a word, quoted if a shell needs that. */
    public static String word(String word) {
        return word.matches("[\\w./~+@%:=-]+") ? word : quote(word);
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
