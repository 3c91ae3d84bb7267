package dev.anneal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.text.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** From a file whose rows leak to a model of rows that do not, and from the model back to the bytes of the file. */
@ServerTest
class LeakageJourneyTest {
    private static final int WORDS = 14;

    @Autowired
    Api api;

    /**
     * Returns rows of which some leak: equal ones on both sides, many training rows that are almost one test row, and chains in which
     * each row is almost the one before, with rows for evaluation among them.
     */
    private static String csv() {
        Random random = new Random(7);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            rows.add(sentence(random) + "," + label(i) + ","
                    + (i % 6 == 0 ? "test" : i % 6 == 1 ? "validation" : "train"));
        }
        for (int i = 0; i < 5; i++) {
            String text = sentence(random);
            rows.add(text + "," + label(i) + ",train");
            rows.add(text.toUpperCase() + "," + label(i) + ",test");
        }
        String similar = sentence(random);
        rows.add(similar + ",good,test");
        for (int i = 0; i < 40; i++) {
            rows.add(changed(similar, random) + "," + label(i) + ",train");
        }
        for (int chain = 0; chain < 4; chain++) {
            String link = sentence(random);
            for (int i = 0; i < 12; i++) {
                rows.add(link + "," + label(i) + "," + (i % 4 == 2 ? "test" : "train"));
                link = changed(link, random);
            }
        }
        return "text,label,split\n" + String.join("\n", rows) + "\n";
    }

    private static String label(int i) {
        return i % 2 == 0 ? "good" : "bad";
    }

    private static String sentence(Random random) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < WORDS; i++) {
            words.add(word(random));
        }
        return String.join(" ", words);
    }

    private static String word(Random random) {
        return random.ints(7, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Returns the text with another last word, or another letter. */
    private static String changed(String text, Random random) {
        if (random.nextBoolean()) {
            return text.substring(0, text.lastIndexOf(' ') + 1) + word(random);
        }
        int place = random.nextInt(text.length());
        return text.substring(0, place) + "x" + text.substring(place + 1);
    }

    private JsonNode train(String dataset) {
        String job = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset
                                + "\",\"hyperparameters\":{\"epochs\":1,\"max_length\":8}}")
                .text("id");
        JsonNode ended = api.await(job);
        assertThat(ended.get("status").asString()).as("%s", ended).isEqualTo("succeeded");
        return ended;
    }

    private String warnings(JsonNode job) {
        return api.get("/api/v1/jobs/" + job.get("id").asString() + "/report")
                .json()
                .path("dataset_warnings")
                .toString();
    }

    private String events(JsonNode job) {
        return api.get("/api/v1/jobs/" + job.get("id").asString() + "/events?limit=1000")
                .json()
                .toString();
    }

    @Test
    void aReportWarnsOfLeakageUntilItIsRemovedAndTheModelLeadsBackToTheFile() {
        String csv = csv();
        Answer upload = api.upload("leaking.csv", csv.getBytes(UTF_8), Map.of());
        assertThat(upload.status()).as("%s", upload.json()).isEqualTo(201);
        assertThat(upload.json().get("problem_codes").toString()).contains("\"leakage\"", "\"near_leakage\"");
        JsonNode leaking = train(upload.text("id"));
        assertThat(warnings(leaking)).contains("\"leakage\"", "\"near_leakage\"");
        assertThat(events(leaking)).contains(" leakage", " near_leakage");

        Answer version = api.post(
                "/api/v1/datasets/" + upload.text("id") + "/versions", "{\"steps\":[{\"type\":\"remove_leakage\"}]}");
        assertThat(version.status()).as("%s", version.json()).isEqualTo(201);
        byte[] export =
                api.get("/api/v1/datasets/" + version.text("id") + "/export").bytes();
        Answer checked = api.uploadTo("/api/v1/datasets/check", "rows.jsonl", export, Map.of());
        JsonNode job = train(version.text("id"));

        assertThat(version.json().get("problem_codes").toString()).doesNotContain("leakage");
        assertThat(checked.json().get("problem_codes").toString()).doesNotContain("leakage");
        assertThat(warnings(job)).startsWith("[").doesNotContain("leakage");
        assertThat(events(job)).doesNotContain("leakage");

        JsonNode model = api.get("/api/v1/models/" + job.get("model").asString() + "/lineage")
                .json();
        JsonNode lineage = model.get("data");
        assertThat(model.get("job")).isEqualTo(job.get("id"));
        assertThat(api.get(model.get("export").asString()).bytes()).isEqualTo(export);
        assertThat(lineage).hasSize(2);
        assertThat(lineage.get(0).get("sha256")).isEqualTo(model.get("dataset_sha256"));
        assertThat(lineage.get(0).get("sha256").asString()).isEqualTo(Sha256.of(new String(export, UTF_8)));
        assertThat(lineage.get(1).get("sha256").asString()).isEqualTo(Sha256.of(csv));
    }
}
