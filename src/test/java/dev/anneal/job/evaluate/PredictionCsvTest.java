package dev.anneal.job.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PredictionCsvTest {
    @Test
    void aTextIsNoFormulaButANumberMayBeNegative() {
        PredictionCsv csv =
                new PredictionCsv(List.of("text", "label", "labels", "predicted_score"), List.of("source"), List.of());

        JsonNode row = Json.MAPPER.readTree("""
                {"text":"=HYPERLINK(1)","label":"@a","labels":["+b","c"],"predicted_score":-1.5,"kept":{"source":"-a"}}""");
        assertThat(csv.line(row)).isEqualTo("'=HYPERLINK(1),'@a,'+b|c,-1.5,'-a\r\n");
    }
}
