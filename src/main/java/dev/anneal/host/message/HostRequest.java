package dev.anneal.host.message;

import tools.jackson.databind.JsonNode;

/**
 * A line from the server to a host: a call, or {@link #CANCEL} with the id of one.
 *
 * @param caller the project that the call is for; texts to predict are taken from the callers in turn
 * @param key the key that the call is made with; texts to generate are taken from the keys in turn
 * @param body the arguments; of {@code predict} a {@link PredictMessage}, of {@code generate} a {@link GenerateMessage}, of
 *     {@code tokenize} a {@link TokenizeMessage}, of {@code rows} and {@code measure} a {@link RowsMessage}, of {@code inspect}
 *     an {@link InspectMessage}
 */
public record HostRequest(long id, String call, String caller, String key, JsonNode body) {
    public static final String PREDICT = "predict";
    public static final String GENERATE = "generate";
    public static final String TOKENIZE = "tokenize";
    public static final String ROWS = "rows";
    public static final String MEASURE = "measure";
    public static final String INSPECT = "inspect";
    public static final String CANCEL = "cancel";

    /** Returns whether a call computes with the weights of the model. */
    public static boolean needsWeights(String call) {
        return call.equals(PREDICT) || call.equals(GENERATE);
    }
}
