package dev.anneal.report.slice;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The areas under ROC curves for rows that mention a group. */
public record GroupTable(Subject subject) implements Section {
    private static final int MOST = 40;

    @Override
    public String id() {
        return "groups";
    }

    @Override
    public String title() {
        return "Scores of groups";
    }

    @Override
    public boolean isEmpty() {
        return subject.findings().path("group_scores").isEmpty();
    }

    @Override
    public void write(Html html) {
        MetricText.note(
                html,
                "Areas under ROC curves after Borkan et al. (2019), the lowest first. Subgroup: the rows of the group. BPSN: its rows without the label against other rows with it; low if its rows wrongly get high scores. BNSP: the other way round.");
        JsonNode all = subject.findings().path("group_scores");
        List<JsonNode> rows = all.valueStream()
                .sorted(Comparator.comparingDouble(GroupTable::lowest))
                .limit(MOST)
                .toList();
        Table table = new Table(
                html,
                "Areas under ROC curves by group",
                "group",
                "dimension",
                "label",
                ">rows",
                ">with the label",
                ">all rows",
                ">subgroup",
                ">BPSN",
                ">BNSP");
        for (JsonNode scores : rows) {
            table.row(
                    Cell.name(scores, "group"),
                    Cell.name(scores, "dimension"),
                    Cell.name(scores, "label"),
                    Cell.count(scores, "examples"),
                    Cell.count(scores, "positive"),
                    Cell.decimal(scores, "all_auc"),
                    Cell.decimal(scores, "subgroup_auc"),
                    Cell.decimal(scores, "bpsn_auc"),
                    Cell.decimal(scores, "bnsp_auc"));
        }
        table.end();
        MetricText.leftOut(html, all.size() - rows.size(), "group");
    }

    private static double lowest(JsonNode scores) {
        return Stream.of("subgroup_auc", "bpsn_auc", "bnsp_auc")
                .mapToDouble(field -> scores.path(field).asDouble(1))
                .min()
                .orElse(1);
    }
}
