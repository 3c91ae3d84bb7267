package dev.anneal.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Fields of the server's JSON as people read them; what is null or absent is a dash. */
final class Fields {
    static final String NONE = "–";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

    private Fields() {}

    static String text(JsonNode node, String name) {
        return node.path(name).asString(NONE);
    }

    static double number(JsonNode node, String name) {
        return node.path(name).asDouble(0);
    }

    static long whole(JsonNode node, String name) {
        return node.path(name).asLong(0);
    }

    static String count(JsonNode node, String name) {
        return node.hasNonNull(name) ? Units.count(whole(node, name)) : NONE;
    }

    static String percent(JsonNode node, String name) {
        return node.hasNonNull(name) ? Units.percent(number(node, name)) : NONE;
    }

    static String decimal(JsonNode node, String name, int digits) {
        return node.hasNonNull(name) ? String.format(Locale.ROOT, "%." + digits + "f", number(node, name)) : NONE;
    }

    static String time(JsonNode node, String name) {
        return node.hasNonNull(name) ? TIME.format(Instant.parse(text(node, name))) : NONE;
    }
}
