package dev.anneal.report;

import dev.anneal.json.Json;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The method, the options and the hyperparameters. */
public record Settings(Subject subject) implements Section {
    private static final int MOST_WEIGHTS = 20;

    @Override
    public String id() {
        return "settings";
    }

    @Override
    public String title() {
        return subject.isEvaluation() ? "Settings" : "Training";
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public void write(Html html) {
        Table table = new Table(
                html,
                subject.isEvaluation() ? "Settings of the evaluation" : "Settings of the training",
                "setting",
                "value");
        forEach(subject, (name, value) -> table.row(Cell.of(name), cell -> cell.user(value, 600)));
        table.end();
    }

    /** Gives the name and the value of each setting, those without a value left out. */
    public static void forEach(Subject subject, BiConsumer<String, String> setting) {
        setting.accept("task", subject.spec().task().text());
        setting.accept(subject.isEvaluation() ? "model" : "base model", subject.model());
        if (subject.isEvaluation()) {
            setting.accept("precision", subject.hyperparameters().precision());
            return;
        }
        each("method ", subject.spec().method(), setting);
        each("", subject.spec().taskOptions(), setting);
        each("early stopping ", subject.spec().earlyStopping(), setting);
        setting.accept("best epoch by", subject.spec().bestMetric().title());
        each("", subject.hyperparameters(), setting);
    }

    private static void each(String prefix, @Nullable Object settings, BiConsumer<String, String> setting) {
        JsonNode fields = Json.MAPPER.valueToTree(settings);
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            if (!field.getValue().isNull()) {
                setting.accept(prefix + field.getKey().replace('_', ' '), text(field.getValue()));
            }
        }
    }

    private static String text(JsonNode value) {
        if (value.isNumber()) {
            return Numbers.plain(value.asDouble());
        }
        if (value.isArray()) {
            return joined(value.valueStream().map(Settings::text), value.size());
        }
        if (value.isObject()) {
            return joined(
                    value.properties().stream().map(each -> Html.cut(each.getKey(), 40) + " " + text(each.getValue())),
                    value.size());
        }
        return value.isBoolean() ? (value.asBoolean() ? "yes" : "no") : value.asString("");
    }

    private static String joined(Stream<String> values, int count) {
        return values.limit(MOST_WEIGHTS).collect(Collectors.joining(", "))
                + (count > MOST_WEIGHTS ? " and " + (count - MOST_WEIGHTS) + " more" : "");
    }
}
