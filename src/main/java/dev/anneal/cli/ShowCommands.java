package dev.anneal.cli;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import dev.anneal.cli.view.Report;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands that show one thing: a dataset, a job, a job's report, a model. */
final class ShowCommands {
    private ShowCommands() {}

    /** A command that shows one thing, or the server's JSON of it. */
    private abstract static class Show implements Callable<Integer> {
        private final Session session;
        private final Lookup kind;
        private final String part;
        private final BiConsumer<JsonNode, Terminal> text;

        @Option(names = "--json", description = "Print the server's JSON.")
        private boolean json;

        Show(Session session, Lookup kind, String part, BiConsumer<JsonNode, Terminal> text) {
            this.session = session;
            this.kind = kind;
            this.part = part;
            this.text = text;
        }

        abstract String idOrName();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Api api = session.api();
            JsonNode found = api.get(kind.path(api, idOrName()) + part);
            if (json) {
                session.print(found);
            } else {
                text.accept(found, session.terminal());
            }
            return 0;
        }
    }

    @Command(name = "dataset", description = "Show a dataset: its columns, labels and splits.")
    static final class Dataset extends Show {
        @Parameters(paramLabel = "DATASET", description = "Id or name of the dataset.")
        private String dataset;

        Dataset(Session session) {
            super(session, Lookup.DATASET, "", ShowCommands::dataset);
        }

        @Override
        String idOrName() {
            return dataset;
        }
    }

    @Command(name = "job", description = "Show a job: its settings, its state and its epochs.")
    static final class Job extends Show {
        @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
        private String job;

        Job(Session session) {
            super(session, Lookup.JOB, "", JobText::print);
        }

        @Override
        String idOrName() {
            return job;
        }
    }

    @Command(name = "report", description = "Show how good a job's model is: metrics, labels, worst mistakes.")
    static final class JobReport extends Show {
        @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
        private String job;

        JobReport(Session session) {
            super(session, Lookup.JOB, "/report", (report, terminal) -> new Report(report).print(terminal));
        }

        @Override
        String idOrName() {
            return job;
        }
    }

    @Command(name = "model", description = "Show a model: its origin, its labels, its size.")
    static final class Model extends Show {
        @Parameters(paramLabel = "MODEL", description = "Id or name of the model.")
        private String model;

        Model(Session session) {
            super(session, Lookup.MODEL, "", ShowCommands::model);
        }

        @Override
        String idOrName() {
            return model;
        }
    }

    private static void dataset(JsonNode dataset, Terminal terminal) {
        JobText.fact(terminal, "dataset", Fields.text(dataset, "id") + "  " + Fields.text(dataset, "name"));
        JobText.fact(terminal, "status", Fields.text(dataset, "status"));
        JobText.fact(terminal, "task", Fields.text(dataset, "task"));
        JobText.fact(
                terminal,
                "columns",
                dataset.path("columns").properties().stream()
                        .map(role -> role.getKey() + "=" + role.getValue().asString(""))
                        .collect(Collectors.joining(",")));
        JobText.fact(terminal, "rows", Fields.count(dataset, "row_count") + ": " + Upload.splits(dataset));
        String labels = dataset.path("labels")
                .valueStream()
                .map(label -> Fields.text(label, "name") + " " + Fields.count(label, "count"))
                .collect(Collectors.joining(", "));
        JobText.fact(terminal, "labels", labels.isEmpty() ? Fields.NONE : labels);
        JobText.fact(terminal, "size", Units.bytes(Fields.whole(dataset, "size_bytes")));
        JobText.fact(terminal, "created", Fields.time(dataset, "created_at"));
    }

    private static void model(JsonNode model, Terminal terminal) {
        JobText.fact(terminal, "model", Fields.text(model, "id") + "  " + Fields.text(model, "name"));
        JobText.fact(terminal, "kind", Fields.text(model, "kind") + ", " + Fields.text(model, "status"));
        if (model.hasNonNull("error")) {
            JobText.fact(terminal, "error", JobText.error(model));
        }
        JobText.fact(
                terminal,
                "architecture",
                Fields.text(model, "architecture") + ", "
                        + Fields.count(model, "parameters") + " parameters, "
                        + Units.bytes(Fields.whole(model, "size_bytes")));
        JobText.fact(terminal, "task", Fields.text(model, "task"));
        String labels = model.path("labels")
                .valueStream()
                .map(label -> label.asString(""))
                .collect(Collectors.joining(", "));
        JobText.fact(terminal, "labels", labels.isEmpty() ? Fields.NONE : labels);
        JobText.fact(terminal, "max length", Fields.count(model, "max_length") + " tokens");
        for (String origin : new String[] {"source", "base_model", "job", "dataset"}) {
            if (model.hasNonNull(origin)) {
                JobText.fact(terminal, origin.replace('_', ' '), Fields.text(model, origin));
            }
        }
        if (model.hasNonNull("metrics")) {
            JobText.fact(terminal, "metrics", Metrics.line(model.get("metrics")));
        }
        JobText.fact(terminal, "created", Fields.time(model, "created_at"));
    }
}
