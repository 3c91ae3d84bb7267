package dev.anneal.page;

import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The epochs and the checkpoints of a job, which the page asks for again while the job runs. */
final class JobTables {
    /** The numbers of an epoch that have their own columns, or that nobody compares. */
    private static final Set<String> NO_SCORES = Set.of(
            "epoch",
            "step",
            "train_loss",
            "validation_loss",
            "learning_rate",
            "examples_per_second",
            "evaluated_per_second",
            "seconds");

    /** The number of validations that are shown, the last ones; the charts have all. */
    private static final int SHOWN = 100;

    private final Html html;
    private final Session session;
    private final JsonNode job;
    private final String path;

    JobTables(Html html, Session session, JsonNode job) {
        this.html = html;
        this.session = session;
        this.job = job;
        this.path = Api.path("/api/v1/jobs/%s", job.path("id").asString());
    }

    void write(JsonNode checkpoints) {
        html.open("div", "id", "tables");
        JsonNode metrics = job.path("metrics");
        epochs(metrics.valueStream().skip(Math.max(0, metrics.size() - SHOWN)).toList(), metrics.size());
        checkpoints(checkpoints);
        html.close("div");
    }

    private void epochs(List<JsonNode> epochs, int all) {
        html.open("section").element("h2", "Epochs");
        if (epochs.isEmpty()) {
            Words.empty(html, "There is no validation yet.");
        } else {
            Set<String> scores = new LinkedHashSet<>();
            epochs.forEach(epoch -> epoch.propertyNames().forEach(name -> {
                if (!NO_SCORES.contains(name) && epoch.path(name).isNumber()) {
                    scores.add(name);
                }
            }));
            String[] columns = new String[scores.size() + 3];
            columns[0] = "epoch";
            columns[1] = ">training loss";
            columns[2] = ">validation loss";
            int i = 3;
            for (String score : scores) {
                columns[i++] = ">" + score.replace('_', ' ');
            }
            if (epochs.size() < all) {
                html.element(
                        "p",
                        "The last %d of %s. The charts show all.".formatted(SHOWN, Numbers.count(all, "validation")),
                        "class",
                        "note");
            }
            Table table = new Table(html, "Metrics of each validation", columns);
            epochs.forEach(epoch -> {
                Cell[] cells = new Cell[columns.length];
                cells[0] = Cell.of(Numbers.count(epoch, "epoch")
                        + (epoch.path("within_epoch").asBoolean(false)
                                ? ", step " + Numbers.count(epoch, "step")
                                : ""));
                cells[1] = Cell.decimal(epoch, "train_loss");
                cells[2] = Cell.decimal(epoch, "validation_loss");
                int column = 3;
                for (String score : scores) {
                    cells[column++] = Cell.decimal(epoch, score);
                }
                table.row(cells);
            });
            table.end();
        }
        html.close("section");
    }

    private void checkpoints(JsonNode checkpoints) {
        html.open("section").element("h2", "Checkpoints");
        if (checkpoints.isEmpty()) {
            Words.empty(
                    html,
                    job.path("status").asString().equals("succeeded")
                            ? "The checkpoints were deleted when the job succeeded, because its model replaces them."
                            : "No checkpoint is stored yet.");
        } else {
            boolean canPublish = Forms.allows(session, "publishCheckpoint");
            Table table = canPublish
                    ? new Table(html, "Stored checkpoints", ">step", "epoch", "reason", ">size", "created", "publish")
                    : new Table(html, "Stored checkpoints", ">step", "epoch", "reason", ">size", "created");
            for (JsonNode checkpoint : checkpoints) {
                Cell[] cells = new Cell[canPublish ? 6 : 5];
                cells[0] = Cell.count(checkpoint, "step");
                cells[1] = Cell.of(Numbers.count(checkpoint, "epoch")
                        + (checkpoint.path("best").asBoolean(false) ? ", the best" : ""));
                cells[2] = Cell.name(checkpoint, "reason");
                cells[3] = Cell.of(Numbers.bytes(checkpoint.path("size_bytes").asLong(0)));
                cells[4] = Words.time(checkpoint, "created_at");
                if (canPublish) {
                    cells[5] = publish(checkpoint);
                }
                table.row(cells);
            }
            table.end();
        }
        html.close("section");
    }

    private Cell publish(JsonNode checkpoint) {
        return cell -> {
            if (checkpoint.path("has_model").asBoolean(false)) {
                Forms forms = new Forms(cell, session);
                String step = checkpoint.path("step").asString();
                if (forms.open("publishCheckpoint", path + "/checkpoints/" + step + "/publish", null, null)) {
                    cell.element("button", "Publish", "type", "submit", "aria-label", "Publish step " + step);
                    forms.close();
                }
            } else {
                cell.text("without a model");
            }
        };
    }
}
