package dev.anneal.report.row;

import dev.anneal.report.html.Html;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A sentence in which entities are marked. An entity that the other list does not have is marked as wrong.
 *
 * @param text words that are separated by spaces
 * @param entities with {@code type}, {@code from} and {@code to}, which counts words from 0 and is exclusive
 * @param others the entities with which they are compared
 */
record MarkedWords(String text, JsonNode entities, JsonNode others) {
    private static final int MOST_WORDS = 150;

    private record Span(String type, int from, int to) {
        static Span of(JsonNode entity) {
            return new Span(
                    entity.path("type").asString(""),
                    entity.path("from").asInt(0),
                    entity.path("to").asInt(0));
        }
    }

    void write(Html html) {
        String[] words = text.split(" ", -1);
        Map<Integer, Span> starts = new HashMap<>();
        entities.forEach(entity -> starts.put(entity.path("from").asInt(0), Span.of(entity)));
        Set<Span> same = new HashSet<>();
        others.forEach(entity -> same.add(Span.of(entity)));
        int shown = Math.min(MOST_WORDS, words.length);
        int word = 0;
        while (word < shown) {
            html.text(word == 0 ? "" : " ");
            Span span = starts.get(word);
            if (span == null || span.to() <= word) {
                html.user(words[word++], 60);
                continue;
            }
            html.open("mark", "class", same.contains(span) ? "right" : "wrong");
            int end = Math.min(shown, span.to());
            StringBuilder marked = new StringBuilder();
            for (int from = word; word < end; word++) {
                marked.append(word == from ? "" : " ").append(words[word]);
            }
            html.user(marked.toString(), 300)
                    .text(" ")
                    .open("small")
                    .user(span.type(), 40)
                    .close("small");
            html.close("mark");
        }
        html.text(shown < words.length ? " …" : "");
    }
}
