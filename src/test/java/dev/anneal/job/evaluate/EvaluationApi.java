package dev.anneal.job.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import tools.jackson.databind.JsonNode;

/** Makes evaluations and predictions of one model, waits for them, and reads what they computed. */
record EvaluationApi(Api api, String model) {
    static final String EVALUATIONS = "/api/v1/evaluations";
    static final String PREDICTIONS = "/api/v1/predictions";

    /** Asks for an evaluation. The fields are JSON without braces. */
    Answer create(String fields, String dataset) {
        return api.post(EVALUATIONS, body(dataset, fields));
    }

    /** Returns an evaluation that has succeeded. */
    JsonNode evaluate(String fields, String dataset) {
        return computed(EVALUATIONS, fields, dataset);
    }

    /** Returns a prediction that has succeeded. */
    JsonNode predict(String fields, String dataset) {
        return computed(PREDICTIONS, fields, dataset);
    }

    private JsonNode computed(String path, String fields, String dataset) {
        JsonNode ended = await(path, made(api, path, body(dataset, fields)).text("id"));
        assertThat(ended.get("status").asString()).as("%s", ended).isEqualTo("succeeded");
        return ended;
    }

    String body(String dataset, String fields) {
        return "{\"model\":\"%s\",\"dataset\":\"%s\"%s}"
                .formatted(model, dataset, fields.isEmpty() ? "" : "," + fields);
    }

    static Answer made(Api api, String path, String body) {
        Answer answer = api.post(path, body);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer;
    }

    JsonNode await(String path, String id) {
        api.stream(path + "/" + id + "/events", null, Stream::count);
        return api.get(path + "/" + id).json();
    }

    JsonNode report(JsonNode evaluation) {
        return api.get(EVALUATIONS + "/" + id(evaluation) + "/report").json();
    }

    /** Returns the predictions of an evaluation, read in pages of a size. */
    List<JsonNode> rows(JsonNode evaluation, int pageSize, String filter) {
        List<JsonNode> rows = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = api.get(
                            EVALUATIONS + "/" + id(evaluation) + "/predictions?limit=" + pageSize + filter + after)
                    .json();
            page.get("data").forEach(rows::add);
            if (!page.get("has_more").asBoolean()) {
                assertThat(page.get("next_after").isNull()).isTrue();
                return rows;
            }
            after = "&after=" + page.get("next_after").asLong();
        }
    }

    /** Returns all rows of a prediction. */
    List<JsonNode> lines(JsonNode prediction) {
        return new String(
                        api.get(PREDICTIONS + "/" + id(prediction) + "/download?format=jsonl")
                                .bytes(),
                        UTF_8)
                .lines()
                .map(Json.MAPPER::readTree)
                .toList();
    }

    static String id(JsonNode thing) {
        return thing.get("id").asString();
    }

    static List<CSVRecord> csv(Answer answer) throws IOException {
        try (var records = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .get()
                .parse(new StringReader(new String(answer.bytes(), UTF_8)))) {
            return records.getRecords();
        }
    }

    /** Returns rows as JSON lines, with the number of each in place of {@code %d}, and two labels in turn in place of {@code %l}. */
    static byte[] lines(int count, String row) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append(row.replace("%d", "" + i).replace("%l", i % 2 == 0 ? "positive" : "negative"))
                    .append('\n');
        }
        return rows.toString().getBytes(UTF_8);
    }
}
