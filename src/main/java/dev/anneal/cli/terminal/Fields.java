package dev.anneal.cli.terminal;

import dev.anneal.text.ControlCharacters;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Fields of the server's JSON as text; a field that is null or absent is a dash. */
public final class Fields {
    public static final String NONE = "–";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

    private Fields() {}

    /** Returns a field in one line. Names and messages of others must neither control the terminal nor look like ours. */
    public static String text(JsonNode node, String name) {
        return line(node.path(name), NONE);
    }

    /** Returns a value in one line, or what stands for none. */
    public static String line(JsonNode value, String none) {
        return ControlCharacters.escape(value.asString(none));
    }

    /** Returns a field of several lines, such as the end of a log. All but the first are indented, so that none looks like ours. */
    public static String lines(JsonNode node, String name) {
        return node.path(name)
                .asString(NONE)
                .lines()
                .map(ControlCharacters::escape)
                .collect(Collectors.joining("\n    "));
    }

    public static double number(JsonNode node, String name) {
        return node.path(name).asDouble(0);
    }

    public static long whole(JsonNode node, String name) {
        return node.path(name).asLong(0);
    }

    public static String count(JsonNode node, String name) {
        return node.hasNonNull(name) ? Units.count(whole(node, name)) : NONE;
    }

    public static String percent(JsonNode node, String name) {
        return node.hasNonNull(name) ? Units.percent(number(node, name)) : NONE;
    }

    public static String decimal(JsonNode node, String name, int digits) {
        return node.hasNonNull(name) ? String.format(Locale.ROOT, "%." + digits + "f", number(node, name)) : NONE;
    }

    public static String time(JsonNode node, String name) {
        return node.hasNonNull(name) ? TIME.format(Instant.parse(text(node, name))) : NONE;
    }
}
