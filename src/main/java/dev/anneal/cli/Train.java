package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that takes a file to a model: upload, submit, follow, report. */
final class Train {
    private static final List<Option> HYPERPARAMETERS = List.of(
            new Option("epochs", "N", "how often to go through the rows"),
            new Option("batch-size", "N", "rows per batch"),
            new Option("gradient-accumulation-steps", "N", "batches per step, one by default"),
            new Option("learning-rate", "X", "the peak of the learning rate"),
            new Option("lr-scheduler-type", "S", "linear, cosine or constant"),
            new Option("layerwise-lr-decay", "X", "factor of the learning rate from layer to layer downwards"),
            new Option("weight-decay", "X", "decay of the weights"),
            new Option("warmup-ratio", "X", "share of the steps in which the learning rate rises"),
            new Option("warmup-steps", "N", "instead of a share, so many steps"),
            new Option("max-grad-norm", "X", "longer gradients are shortened to this"),
            new Option("dropout", "X", "share of the activations to drop"),
            new Option("label-smoothing", "X", "share of each label's probability that goes to the others"),
            new Option("class-weights", "W", "balanced, or what each label counts: rare=3,common=0.5"),
            new Option("max-length", "N", "tokens per text; longer ones are cut"),
            new Option("precision", "P", "fp32 or bf16"),
            new Option("seed", "N", "the same seed gives the same model"));
    static final Command COMMAND = new Command(
            "train",
            "<file>",
            "fine-tune a model on a CSV, TSV, JSONL, CoNLL or text file",
            Stream.of(
                            List.of(
                                    new Option("model", "NAME", "the base model, or the id of a model to go on from"),
                                    new Option(
                                            "task",
                                            "TASK",
                                            "text-classification, text-regression, token-classification, causal-lm"
                                                    + " or masked-lm; absent, what the columns speak for"),
                                    new Option("task-options", "O", "multi_label=true, packing=false, …"),
                                    new Option("method", "M", "full, head, frozen or lora; type=lora,r=16"),
                                    new Option("subset", "S", "train on rows=1000 of them, or on fraction=0.1"),
                                    new Option("name", "NAME", "a name for the job"),
                                    new Option("validation", "FILE", "rows to validate with after each epoch"),
                                    new Option("test", "FILE", "rows for the final test"),
                                    new Option(
                                            "columns", "C", "which column is what: text=review,label=stars, or JSON"),
                                    new Option(
                                            "split",
                                            "S",
                                            "shares to hold out: validation=0.1,test=0.1,seed=7,order=file")),
                            HYPERPARAMETERS,
                            List.of(
                                    new Option("priority", "N", "-100 to 100; higher ones start first"),
                                    new Option("early-stopping", "E", "metric=loss,patience=2,min_delta=0.01"),
                                    Option.flag("detach", "do not wait for the job"),
                                    Option.flag("json", "print only the job as JSON")))
                    .flatMap(List::stream)
                    .toList(),
            Train::run);

    private Train() {}

    private static int run(Session session) throws IOException, InterruptedException {
        Arguments arguments = session.arguments();
        Path file = Path.of(arguments.only("file"));
        String model = arguments
                .value("model")
                .orElseThrow(() -> Failure.usage("Which base model? Try --model all-MiniLM-L6-v2."));
        ObjectNode request = request(arguments, model);
        Api api = session.api();
        Terminal terminal = session.json() ? session.terminal().silent() : session.terminal();

        JsonNode dataset =
                Datasets.upload(api, file, fields(arguments, arguments.value("task"), shares(arguments)), terminal);
        Optional<String> task = Optional.of(Fields.text(dataset, "task"));
        request.put("task", task.get()).put("dataset", Fields.text(dataset, "id"));
        for (String role : List.of("validation", "test")) {
            if (arguments.has(role)) {
                Path extra = Path.of(arguments.value(role).orElseThrow());
                JsonNode held = Datasets.upload(api, extra, fields(arguments, task, held(0, 0)), terminal);
                request.put(role + "_dataset", Fields.text(held, "id"));
            }
        }
        JsonNode job = submit(api, request, terminal);
        String id = Fields.text(job, "id");
        if (arguments.has("detach")) {
            terminal.line("Follow it: " + Shell.anneal("follow " + id));
        }
        int exitCode = arguments.has("detach") ? 0 : Jobs.follow(api, id, terminal);
        if (session.json()) {
            session.print(arguments.has("detach") ? job : api.get(Jobs.path(id)));
        }
        return exitCode;
    }

    static JsonNode submit(Api api, ObjectNode request, Terminal terminal) throws IOException, InterruptedException {
        JsonNode job = api.send(Call.post("/jobs", request));
        terminal.line("Job " + terminal.bold(Fields.text(job, "id")) + "   " + Fields.text(job, "base_model") + ", "
                + Fields.text(job, "task") + Jobs.method(job));
        terminal.line(terminal.dim(Jobs.hyperparameters(job.path("hyperparameters"))));
        terminal.line();
        return job;
    }

    static ObjectNode request(Arguments arguments, String model) {
        ObjectNode request = Json.MAPPER.createObjectNode().put("base_model", model);
        arguments.value("name").ifPresent(name -> request.put("name", name));
        ObjectNode hyperparameters = request.putObject("hyperparameters");
        for (Option option : HYPERPARAMETERS) {
            arguments
                    .value(option.name())
                    .ifPresent(value ->
                            hyperparameters.set(option.name().replace('-', '_'), Values.any(option.name(), value)));
        }
        arguments.value("method").ifPresent(value -> request.set("method", method(value)));
        arguments.value("priority").ifPresent(value -> request.set("priority", Values.scalar(value)));
        for (String option : List.of("task-options", "subset", "early-stopping")) {
            arguments
                    .value(option)
                    .ifPresent(value -> request.set(option.replace('-', '_'), Values.object(option, value)));
        }
        return request;
    }

    /** The name of a method is enough. */
    private static ObjectNode method(String value) {
        return value.matches("\\w+")
                ? Json.MAPPER.createObjectNode().put("type", value)
                : Values.object("method", value);
    }

    private static Map<String, String> fields(Arguments arguments, Optional<String> task, Optional<String> split) {
        Map<String, String> fields = new LinkedHashMap<>();
        task.ifPresent(known -> fields.put("task", known));
        arguments
                .value("columns")
                .ifPresent(columns ->
                        fields.put("columns", Values.object("columns", columns).toString()));
        split.ifPresent(shares -> fields.put("split", shares));
        return fields;
    }

    /** What to hold out of the training file: as asked, and nothing for which there is a file of its own. */
    private static Optional<String> shares(Arguments arguments) {
        if (arguments.has("split")) {
            return arguments
                    .value("split")
                    .map(split -> Values.object("split", split).toString());
        }
        return arguments.has("validation") || arguments.has("test")
                ? held(arguments.has("validation") ? 0 : 0.1, arguments.has("test") ? 0 : 0.1)
                : Optional.empty();
    }

    private static Optional<String> held(double validation, double test) {
        return Optional.of(Json.MAPPER
                .createObjectNode()
                .put("validation", validation)
                .put("test", test)
                .toString());
    }
}
