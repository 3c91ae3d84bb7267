package dev.anneal.cli;

import java.nio.file.Path;

/** Words as a shell reads them. */
final class Shell {
    private Shell() {}

    /** A command of this program, named as the user has called it. */
    static String anneal(String command) {
        return System.getProperty("anneal.program", "anneal") + " " + command;
    }

    static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** A path, shortened to {@code ~} below the home directory, quoted only where it must be. */
    static String path(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path home = Path.of(System.getProperty("user.home"));
        String word = absolute.startsWith(home) && !absolute.equals(home)
                ? "~/" + home.relativize(absolute)
                : absolute.toString();
        return word.matches("[\\w./~+-]+") ? word : quote(absolute.toString());
    }
}
