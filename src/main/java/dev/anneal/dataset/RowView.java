package dev.anneal.dataset;

import tools.jackson.databind.JsonNode;

/** A row on the wire. */
record RowView(long number, String split, String text, String textPair, String label) {
    static RowView of(long number, String split, JsonNode content) {
        return new RowView(
                number,
                split,
                content.path("text").asString(),
                content.has("text_pair") ? content.get("text_pair").asString() : null,
                content.path("label").asString());
    }
}
