package dev.anneal.cli;

import dev.anneal.cli.option.GenerationOptions;
import dev.anneal.cli.option.RequestOptions;
import dev.anneal.cli.option.TrainingOptions;
import dev.anneal.cli.option.UploadOptions;
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
        GROUPS.put("Server", List.of("quickstart", "serve", "stop"));
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
                new Upload(session),
                new Datasets(session),
                new ShowCommands.Dataset(session),
                new Train(session),
                new Estimate(session),
                new Jobs(session),
                new ShowCommands.Job(session),
                new Follow(session),
                new ShowCommands.JobReport(session),
                new JobChanges.Pause(session),
                new JobChanges.Resume(session),
                new JobChanges.Cancel(session),
                new Checkpoints(session),
                new Import(session),
                new Models(session),
                new ShowCommands.Model(session),
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
        add(all, "train", UploadOptions.ALL, TrainingOptions.JOB, TrainingOptions.HYPERPARAMETERS);
        add(all, "estimate", TrainingOptions.JOB, TrainingOptions.HYPERPARAMETERS);
        add(all, "generate", GenerationOptions.ALL);
        return all;
    }

    private static void add(CommandLine all, String command, RequestOptions... settings) {
        CommandSpec spec = Objects.requireNonNull(all.getSubcommands().get(command), command)
                .getCommandSpec();
        List.of(settings).forEach(options -> options.addTo(spec));
    }
}
