package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PredictTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @AfterEach
    void close() {
        server.close();
    }

    private JsonNode asked(int request) {
        return Json.MAPPER.readTree(server.requests.get(request).body());
    }

    @Test
    void eachTextGetsARow() {
        Run run = Run.of(server, "predict", "mdl_1", "Schön, wirklich", "bad");

        assertThat(run.out()).isEqualTo("""
                label     score  text
                positive  0.980  Schön, wirklich
                negative  0.875  bad
                """);
        assertThat(asked(0)).isEqualTo(Json.MAPPER.readTree("{\"inputs\": [\"Schön, wirklich\", \"bad\"]}"));
    }

    @Test
    void anErrorNamesTheModelAsTheUserDid() {
        server.on("GET /models", 200, """
                {"data": [{"id": "mdl_1", "name": "tiny"}], "has_more": false}""");
        server.on("POST /models/mdl_1/predict", 409, """
                {"code": "no_head", "detail": "'mdl_1' has no labels. Use it as the base_model of a job.", "status": 409}""");

        assertThat(Run.of(server, "predict", "tiny", "x").err())
                .isEqualTo("anneal: 'tiny' has no labels. Use it as the base model of a job.\n");
        assertThat(Run.of(server, "predict", "mdl_1", "x").err()).startsWith("anneal: 'mdl_1' has no labels.");
    }

    @Test
    void theOtherLabelsAreShownWithTopK() {
        Run run = Run.of(server, "predict", "mdl_1", "x", "y", "--top-k", "2");

        assertThat(run.out()).contains("positive    0.980  x\n  negative  0.020\nnegative    0.875  y\n");
        assertThat(asked(0).get("top_k").asInt()).isEqualTo(2);
    }

    @Test
    void severalLabelsValuesAndEntitiesAreShown() {
        server.on("POST /models/mdl_1/predict", 200, """
                {"predictions": [{"labels": ["a", "b"], "scores": {"a": 0.9, "b": 0.7, "c": 0.1}},
                                 {"labels": [], "scores": {"a": 0.2, "b": 0.1, "c": 0.1}}]}""");
        assertThat(Run.of(server, "predict", "mdl_1", "x", "y").out())
                .isEqualTo("label  score  text\na+b        –  x\n  a    0.900\n  b    0.700\nnone       –  y\n");

        server.on("POST /models/mdl_1/predict", 200, "{\"predictions\": [{\"value\": 3.25}]}");
        assertThat(Run.of(server, "predict", "mdl_1", "x").out()).isEqualTo("value  text\n3.250  x\n");

        server.on("POST /models/mdl_1/predict", 200, """
                {"predictions": [{"entities": [{"label": "LOC", "text": "Rome", "start": 3, "end": 7, "score": 0.99}]}]}""");
        assertThat(Run.of(server, "predict", "mdl_1", "In Rome").out())
                .isEqualTo("In Rome\n  entity  score  text\n  LOC     0.990  Rome\n");
    }

    @Test
    void aModelIsFoundByItsName() {
        server.on("GET /models", 200, """
                {"data": [{"id": "mdl_1", "name": "reviews-1"}, {"id": "mdl_2", "name": "twice"},
                          {"id": "mdl_3", "name": "twice"}], "has_more": false}""");

        assertThat(Run.of(server, "predict", "reviews-1", "x", "y").out()).contains("positive  0.980  x");
        assertThat(Run.of(server, "predict", "twice", "x").err())
                .isEqualTo("anneal: There are 2 models named twice. Give the id of one: mdl_2, mdl_3.\n");
        assertThat(Run.of(server, "predict", "review-1", "x").err())
                .isEqualTo("anneal: There is no model named review-1. List them with `anneal models`."
                        + " Did you mean 'reviews-1'?\n");
    }

    @Test
    void linesOfStdinAreSentInBatches() {
        String lines = IntStream.range(0, 450).mapToObj(i -> "text " + i).collect(Collectors.joining("\n"));

        Run run = Run.of(server.url(), lines + "\n", false, "predict", "mdl_1", "-", "--json");

        assertThat(run.out().lines()).hasSize(3);
        assertThat(IntStream.range(0, 3).map(i -> asked(i).get("inputs").size()))
                .containsExactly(200, 200, 50);
        assertThat(asked(2).get("inputs").get(49).asString()).isEqualTo("text 449");
    }

    @Test
    void theNameOfAFileIsNotTakenForAText() {
        Run run = Run.of(server, "predict", "mdl_1", "fine", "pom.xml");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("pom.xml is a file. To predict for its rows, add -o out.csv."
                        + " To predict for this text: echo pom.xml | anneal predict mdl_1 -");
        assertThat(Run.of(server, "predict", "mdl_1", "pom.xml", "--top-k", "2", "--json", "--project", "p")
                        .err())
                .contains("echo pom.xml | anneal predict mdl_1 - --top-k 2 --json --project p\n");
        assertThat(Run.of(server, "predict", "mdl_1", "pom.xml", "--force").err())
                .contains("--force needs --output, the file to write.");
        assertThat(server.requests).isEmpty();
        assertThat(Run.of(server.url(), "pom.xml\n", false, "predict", "mdl_1", "-")
                        .out())
                .contains("pom.xml");
    }

    @Test
    void anEmptyStdinIsNoText() {
        Run run = Run.of(server.url(), "", false, "predict", "mdl_1", "-");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("anneal: There is no text: the standard input is empty.\n");
    }

    @Test
    void aBlankLineOfStdinIsRefusedByItsNumberAfterTheAnswersToThoseBefore() {
        Run run = Run.of(server.url(), "one\ntwo\n \nthree\n", false, "predict", "mdl_1", "-");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("positive  0.980  one\n", "negative  0.875  two\n")
                .doesNotContain("three");
        assertThat(run.err())
                .isEqualTo("anneal: Line 3 is blank. Each line must have a text. The lines before it are answered.\n");
    }
}
