package dev.anneal.cli.dataset;

import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The rows that the report of a job or an evaluation is sure to have a wrong label. */
record MislabelledRows(Api api, String job) {
    private String source() {
        return "The report of the %s '%s'".formatted(job.startsWith("eval_") ? "evaluation" : "job", job);
    }

    /** Returns the rows of a dataset, and says if the report does not name all of them. */
    List<JsonNode> of(DatasetParameter dataset, Terminal terminal) throws IOException, InterruptedException {
        String path = job.startsWith("eval_") ? "/evaluations/" + Call.segment(job) : Lookup.JOB.path(api, job);
        JsonNode trained = api.get(path);
        String id = Fields.text(api.get(dataset.path(api)), "id");
        List<JsonNode> rows = new ArrayList<>();
        long all = 0;
        boolean isOfDataset = false;
        for (JsonNode found : api.get(path + "/report").path("findings").path("likely_mislabelled")) {
            // A job may be evaluated on rows of another dataset.
            String other = Fields.text(found, "split") + "_dataset";
            if (Fields.text(trained, trained.hasNonNull(other) ? other : "dataset")
                    .equals(id)) {
                isOfDataset = true;
                all += Fields.whole(found, "confident");
                found.path("rows")
                        .valueStream()
                        .filter(row -> row.path("confident").asBoolean(false))
                        .forEach(rows::add);
            }
        }
        if (!isOfDataset) {
            throw new Failure("%s names no rows of this dataset. Use a job for text classification on this dataset."
                    .formatted(source()));
        }
        if (rows.isEmpty()) {
            throw new Failure(
                    "%s names no row whose label is probably wrong. There is nothing to fix.".formatted(source()));
        }
        if (all > rows.size()) {
            terminal.line(
                    "%s names %s of the %s rows whose label is probably wrong. To find the others, train or evaluate on the new version."
                            .formatted(source(), Units.count(rows.size()), Units.count(all)));
        }
        return rows;
    }

    /** Returns those for which the report suggests another label, and says if there are others. */
    List<JsonNode> withSuggestions(DatasetParameter dataset, Terminal terminal)
            throws IOException, InterruptedException {
        List<JsonNode> all = of(dataset, terminal);
        List<JsonNode> rows =
                all.stream().filter(row -> row.hasNonNull("suggested_label")).toList();
        if (rows.isEmpty()) {
            throw new Failure(
                    "%s suggests no label for these rows, because several labels of the dataset have the same name in the model. Remove the rows with --drop-mislabelled."
                            .formatted(source()));
        }
        if (rows.size() < all.size()) {
            terminal.line(
                    "%s suggests no label for %s of the %s rows, because several labels of the dataset have the same name in the model. They stay as they are."
                            .formatted(source(), Units.count(all.size() - rows.size()), Units.count(all.size())));
        }
        return rows;
    }
}
