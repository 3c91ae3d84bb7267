package dev.anneal.cli.option;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The options that say what a report has besides its usual figures. */
public final class ReportingOptions {
    public static final RequestOptions ALL = new RequestOptions(
            new RequestOption(
                    "slice-by",
                    "COLUMN+…",
                    OptionType.list(),
                    "Columns by whose values the report has metrics: those of the roles kept and group, split, file; with + between"
                            + " them (default: those of the roles)."),
            new RequestOption(
                    "terms",
                    "FILE",
                    ReportingOptions::terms,
                    "JSON file with words to exchange, by dimension and group: {\"gender\": {\"female\": [\"she\"], \"male\":"
                            + " [\"he\"]}} (default: English words for gender, religion, origin, age and disability)."));

    private static final int LONGEST_FILE = 1 << 20;

    private ReportingOptions() {}

    private static JsonNode terms(String option, String file) {
        Path path = Path.of(file);
        try {
            if (Files.size(path) > LONGEST_FILE) {
                throw Failure.usage(option + ": " + Shell.path(path) + " is longer than 1 MB.");
            }
            return Json.MAPPER.readTree(Files.readString(path));
        } catch (JacksonException malformed) {
            throw Failure.usage(
                    option + ": " + Shell.path(path) + " is not valid JSON. " + Json.reason(malformed) + ".");
        } catch (IOException unreadable) {
            throw Failure.usage(option + ": there is no readable file " + Shell.path(path) + ".");
        }
    }
}
