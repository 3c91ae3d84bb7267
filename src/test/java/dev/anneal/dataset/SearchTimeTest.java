package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The search for near duplicates in all checks of rows, which has no time here. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api", "anneal.upload.max-search-time=1ns"})
class SearchTimeTest {
    private static final String ROWS = """
            text,label,split
            A very long and boring film with too many cars,a,train
            A very long and boring film with too many cars!,a,train
            bad,b,train
            bad,b,train
            """;

    @Autowired
    Api api;

    private static void stopped(JsonNode result) {
        assertThat(result.get("problem_codes").toString())
                .contains("near_duplicates_incomplete", "\"duplicate\"")
                .doesNotContain("\"near_duplicate\"");
    }

    @Test
    void uploadsChecksAndVersionsSayThatTheSearchWasStopped() {
        JsonNode upload = new Uploads(api).good("films.csv", ROWS);
        String path = "/api/v1/datasets/" + upload.get("id").asString();

        stopped(upload);
        stopped(api.uploadTo("/api/v1/datasets/check", "films.csv", ROWS.getBytes(StandardCharsets.UTF_8), Map.of())
                .json());
        stopped(api.post(path + "/versions", "{\"steps\":[{\"type\":\"strip\"}]}")
                .json());
        assertThat(api.get(path + "/problems?code=near_duplicates_incomplete")
                        .json()
                        .get("data")
                        .get(0)
                        .get("message")
                        .asString())
                .contains("anneal.upload.max-search-time");
    }
}
