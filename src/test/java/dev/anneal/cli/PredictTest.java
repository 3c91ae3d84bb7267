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
    void theOtherLabelsAreShownWhenAskedFor() {
        Run run = Run.of(server, "predict", "mdl_1", "x", "y", "--top-k", "2");

        assertThat(run.out()).contains("positive    0.980  x\n  negative  0.020\nnegative    0.875  y\n");
        assertThat(asked(0).get("top_k").asInt()).isEqualTo(2);
    }

    @Test
    void linesOfStdinGoInBatches() {
        String lines = IntStream.range(0, 450).mapToObj(i -> "text " + i).collect(Collectors.joining("\n"));

        Run run = Run.of(server.url(), lines + "\n\n", false, "predict", "mdl_1", "-", "--json");

        assertThat(run.out().lines()).hasSize(3);
        assertThat(IntStream.range(0, 3).map(i -> asked(i).get("inputs").size()))
                .containsExactly(200, 200, 50);
        assertThat(asked(2).get("inputs").get(49).asString()).isEqualTo("text 449");
    }
}
