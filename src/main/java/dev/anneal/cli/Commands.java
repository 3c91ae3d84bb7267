package dev.anneal.cli;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.Show;
import dev.anneal.cli.dataset.Browse;
import dev.anneal.cli.dataset.Check;
import dev.anneal.cli.dataset.DatasetText;
import dev.anneal.cli.dataset.Datasets;
import dev.anneal.cli.dataset.Export;
import dev.anneal.cli.dataset.Fix;
import dev.anneal.cli.dataset.Inspect;
import dev.anneal.cli.dataset.Stats;
import dev.anneal.cli.dataset.Upload;
import dev.anneal.cli.job.Checkpoints;
import dev.anneal.cli.job.Estimate;
import dev.anneal.cli.job.Evaluate;
import dev.anneal.cli.job.Evaluations;
import dev.anneal.cli.job.Follow;
import dev.anneal.cli.job.JobChanges;
import dev.anneal.cli.job.Jobs;
import dev.anneal.cli.job.Reports;
import dev.anneal.cli.job.Train;
import dev.anneal.cli.model.Download;
import dev.anneal.cli.model.Generate;
import dev.anneal.cli.model.Import;
import dev.anneal.cli.model.ModelText;
import dev.anneal.cli.model.Models;
import dev.anneal.cli.model.Predict;
import dev.anneal.cli.option.FixOptions;
import dev.anneal.cli.option.GenerationOptions;
import dev.anneal.cli.option.ReportingOptions;
import dev.anneal.cli.option.RequestOptions;
import dev.anneal.cli.option.TrainingOptions;
import dev.anneal.cli.option.UploadOptions;
import dev.anneal.cli.server.Doctor;
import dev.anneal.cli.server.Keys;
import dev.anneal.cli.server.Projects;
import dev.anneal.cli.server.Quickstart;
import dev.anneal.cli.server.Serve;
import dev.anneal.cli.server.Stop;
import dev.anneal.cli.server.Workers;
import dev.anneal.cli.view.JobText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The commands, in the groups in which the help lists them. */
final class Commands {
    private Commands() {}

    /** The names of the commands of each group. */
    static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

    static {
        GROUPS.put("Server", List.of("quickstart", "serve", "stop", "doctor"));
        GROUPS.put("Data", List.of("upload", "datasets", "dataset"));
        GROUPS.put(
                "Training",
                List.of(
                        "train",
                        "estimate",
                        "jobs",
                        "job",
                        "follow",
                        "report",
                        "evaluate",
                        "evaluations",
                        "pause",
                        "resume",
                        "cancel",
                        "checkpoints"));
        GROUPS.put("Models", List.of("import", "models", "model", "predict", "generate", "download"));
        GROUPS.put("Administration", List.of("workers", "drain", "undrain", "projects", "keys"));
        GROUPS.put("Command line", List.of("help", "version", "completion"));
    }

    static CommandLine of(Session session, Serve.Starter starter) {
        CommandLine all = new CommandLine(session);
        for (Object command : List.of(
                new Quickstart(session),
                new Serve(session, starter),
                new Stop(session),
                new Doctor(session),
                new Upload(session),
                new Datasets(session),
                Show.command(
                        session,
                        "dataset",
                        "Show a dataset: its columns, labels and splits.",
                        Lookup.DATASET,
                        "",
                        DatasetText::print),
                new Train(session),
                new Estimate(session),
                new Jobs(session),
                Show.command(
                        session,
                        "job",
                        "Show a job: its settings, its state and its epochs.",
                        Lookup.JOB,
                        "",
                        JobText::print),
                new Follow(session),
                new Reports(session),
                new Evaluate(session),
                new Evaluations(session),
                new JobChanges.Pause(session),
                new JobChanges.Resume(session),
                new JobChanges.Cancel(session),
                new Checkpoints(session),
                new Import(session),
                new Models(session),
                Show.command(
                        session,
                        "model",
                        "Show a model: its origin, its labels, its size.",
                        Lookup.MODEL,
                        "",
                        ModelText::print),
                new Predict(session),
                new Generate(session),
                new Download(session),
                new Workers(session),
                new Workers.Drain(session),
                new Workers.Undrain(session),
                new Projects(session),
                new Keys(session),
                new Help(session),
                new Version(session),
                new Completion(session))) {
            all.addSubcommand(command);
        }
        add(all, "upload", UploadOptions.ALL);
        CommandLine datasets = Objects.requireNonNull(all.getSubcommands().get("datasets"));
        datasets.addSubcommand(new Check(session))
                .addSubcommand(new Stats(session))
                .addSubcommand(new Browse(session))
                .addSubcommand(new Inspect(session))
                .addSubcommand(new Fix(session))
                .addSubcommand(new Export(session));
        add(datasets, "check", UploadOptions.ALL);
        add(datasets, "fix", FixOptions.ALL);
        add(
                all,
                "train",
                UploadOptions.ALL,
                TrainingOptions.JOB,
                ReportingOptions.ALL,
                TrainingOptions.HYPERPARAMETERS);
        add(all, "estimate", TrainingOptions.JOB, ReportingOptions.ALL, TrainingOptions.HYPERPARAMETERS);
        add(all, "evaluate", ReportingOptions.ALL);
        add(all, "generate", GenerationOptions.ALL);
        return all;
    }

    private static void add(CommandLine all, String command, RequestOptions... settings) {
        CommandSpec spec = Objects.requireNonNull(all.getSubcommands().get(command), command)
                .getCommandSpec();
        List.of(settings).forEach(options -> options.addTo(spec));
    }
}
