package dev.anneal.dataset.generated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Sends a file with planted problems to a server. */
@ServerTest
@Timeout(120)
class PlantedUploadTest {
    private final PlantedRows rows = new PlantedRows(20_000);

    @Autowired
    Api api;

    private Answer check() throws IOException {
        byte[] file;
        try (InputStream in = PlantedTables.CSV.write(rows).get(0).content().open()) {
            file = in.readAllBytes();
        }
        Answer answer = api.uploadTo("/api/v1/datasets/check", "planted.csv", file, Map.of());
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer;
    }

    private static Map<String, Set<String>> found(Answer report, String severity) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JsonNode problem : report.json().get("problems")) {
            if (problem.get("severity").asString().equals(severity)) {
                found.computeIfAbsent(problem.get("code").asString(), code -> new TreeSet<>())
                        .add(problem.get("line").asString(PlantedRows.WHOLE));
            }
        }
        return found;
    }

    @Test
    void warningsLeaveTheFileReadyAndAreAtTheirLines() throws IOException {
        rows.plantRepetitions();
        rows.plantConflicts();
        rows.plantTexts(true);
        rows.plantLabels("Cedar", "CEDAR");
        rows.whole("column_reveals_label");

        Answer report = check();

        assertThat(found(report, "warning")).isEqualTo(rows.warnings());
        assertThat(report.text("status")).isEqualTo("ready");
        assertThat(report.json().get("problem_count").asInt()).isZero();
    }

    @Test
    void labelsThatCannotBeTrainedOnAreAtTheirLines() throws IOException {
        rows.error("label_not_in_train", row -> {
            row.split = "test";
            row.label = "unseen";
        });
        int[] number = {0};
        rows.error("label_too_rare", 20, row -> row.label = "single" + number[0]++);

        Answer report = check();

        assertThat(found(report, "error")).isEqualTo(rows.errors());
        assertThat(report.text("status")).isEqualTo("rejected");
    }
}
