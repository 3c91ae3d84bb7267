package dev.anneal.evaluation;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/** The cases that {@code bench/reference/baselines.py} computed. */
public final class ReferenceCases {
    private ReferenceCases() {}

    public static List<JsonNode> of(String file) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(
                        Objects.requireNonNull(ReferenceCases.class.getResourceAsStream("/evaluation/" + file))),
                StandardCharsets.UTF_8))) {
            return lines.lines().map(Json.MAPPER::readTree).toList();
        }
    }

    public static int[] ints(JsonNode list) {
        return list.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    public static double[] doubles(JsonNode list) {
        return list.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    public static int[][] sets(JsonNode list) {
        return list.valueStream().map(ReferenceCases::ints).toArray(int[][]::new);
    }
}
