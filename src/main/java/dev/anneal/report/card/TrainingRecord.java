package dev.anneal.report.card;

import dev.anneal.json.Json;
import dev.anneal.report.section.Subject;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The record of a training as JSON: all settings, the data with their hashes, the epochs and the figures. It has no text of a row. */
public final class TrainingRecord {
    /** Parts of a report that quote rows. */
    private static final List<String> TEXTS = List.of("worst_mistakes");

    private static final List<String> TEXTS_OF_FINDINGS = List.of("hardest_rows", "likely_mislabelled");

    private TrainingRecord() {}

    public static String of(Subject subject, BaseModel base) {
        ObjectNode record = Json.MAPPER.createObjectNode();
        String version = TrainingRecord.class.getPackage().getImplementationVersion();
        record.put("anneal", version);
        record.put("job", subject.id());
        record.put("name", subject.name());
        record.set("base_model", Json.MAPPER.valueToTree(base));
        record.set("datasets", Json.MAPPER.valueToTree(subject.datasets()));
        record.set("specification", Json.MAPPER.valueToTree(subject.spec()));
        record.set("hyperparameters", Json.MAPPER.valueToTree(subject.hyperparameters()));
        record.set("epochs", Json.MAPPER.valueToTree(subject.epochs()));
        record.set("best", subject.best());
        record.put("attempts", subject.run().attempts());
        record.set("started_at", Json.MAPPER.valueToTree(subject.run().started()));
        record.set("report", withoutTexts(subject.report()));
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(record) + "\n";
    }

    /** Returns a report without what it quotes: who gets a model does not get rows of its data. */
    private static JsonNode withoutTexts(JsonNode report) {
        if (!(report.deepCopy() instanceof ObjectNode copy)) {
            return report;
        }
        copy.remove(TEXTS);
        remove(copy.path("findings"), TEXTS_OF_FINDINGS);
        remove(copy.path("findings").path("counterfactuals"), List.of("largest"));
        remove(copy.path("answers"), List.of("samples"));
        return copy;
    }

    private static void remove(JsonNode from, List<String> fields) {
        if (from instanceof ObjectNode object) {
            object.remove(fields);
        }
    }
}
