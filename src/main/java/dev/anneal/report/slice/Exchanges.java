package dev.anneal.report.slice;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The moves of predictions if only the words for a group of people change. */
public record Exchanges(Subject subject) implements Section {
    private static final int MOST = 30;
    private static final int MOST_EXAMPLES = 10;

    @Override
    public String id() {
        return "counterfactuals";
    }

    @Override
    public String title() {
        return "Words for groups of people";
    }

    @Override
    public boolean isEmpty() {
        return exchanges().isEmpty();
    }

    private JsonNode counterfactuals() {
        return subject.findings().path("counterfactuals");
    }

    private JsonNode exchanges() {
        return counterfactuals().path("exchanges");
    }

    @Override
    public void write(Html html) {
        JsonNode all = counterfactuals();
        html.element(
                "p",
                "%s of the rows name a group of people. In %s, only those words were exchanged for those of another group; a fair model predicts the same."
                        .formatted(
                                Numbers.count(all, "texts"),
                                Numbers.count(all.path("pairs").asLong(0), "text")));
        List<JsonNode> rows = exchanges()
                .valueStream()
                .sorted(Comparator.comparingDouble(
                        exchange -> -exchange.path("moved").asDouble(0)))
                .limit(MOST)
                .toList();
        Table table = new Table(
                html,
                "Exchanges, those that move the score most first",
                "exchange",
                "dimension",
                ">texts",
                ">other prediction",
                ">95 % interval",
                ">score moves by",
                ">shift");
        for (JsonNode exchange : rows) {
            table.row(
                    Cell.name(exchange.path("from").asString("") + " → "
                            + exchange.path("to").asString("")),
                    Cell.name(exchange, "dimension"),
                    Cell.count(exchange, "pairs"),
                    Cell.of(Numbers.percent(exchange, "changed")),
                    Cell.of(MetricText.interval("accuracy", exchange.path("changed_interval"))),
                    Cell.decimal(exchange, "moved"),
                    Cell.of(
                            exchange.path("shift").isNumber()
                                    ? Numbers.difference(exchange.path("shift").asDouble())
                                    : Numbers.NONE));
        }
        table.end();
        MetricText.leftOut(html, exchanges().size() - rows.size(), "exchange");
        examples(html, all.path("largest").valueStream().limit(MOST_EXAMPLES).toList());
    }

    private static void examples(Html html, List<JsonNode> examples) {
        if (examples.isEmpty()) {
            return;
        }
        html.open("details").element("summary", "The texts whose score moves farthest");
        Table table = new Table(
                html, "Texts before and after the exchange", ">row", ">score moves by", "text", "with other words");
        for (JsonNode example : examples) {
            table.row(
                    Cell.count(example, "row"),
                    Cell.decimal(example, "moved"),
                    Cell.words(example, "text"),
                    Cell.words(example, "exchanged"));
        }
        table.end();
        html.close("details");
    }
}
