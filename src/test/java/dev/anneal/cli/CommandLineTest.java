package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
    private static Run run(String... words) {
        return Run.of("http://127.0.0.1:9", "", false, words);
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearestOne() {
        Run run = run("jbos");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("anneal: There is no command jbos. Did you mean 'jobs'?\nSee: anneal --help\n");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aWordFarFromEveryCommandGetsNoSuggestion() {
        assertThat(run("florbicate").err()).contains("no command florbicate.").doesNotContain("Did you mean");
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearestOneOfTheCommand() {
        Run run = run("train", "a.csv", "--epoch=3");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("anneal: train has no option --epoch. Did you mean '--epochs'?\nSee: anneal train --help\n");
        assertThat(run("keys", "rewoke", "key_1").err()).contains("no command keys rewoke. Did you mean 'revoke'?");
        assertThat(run("predict", "mdl_1", "--mood").err())
                .contains("no option --mood")
                .contains("Put -- before");
    }

    @Test
    void namesOfOtherToolsAndMistypedCommandsLeadToTheRightOnes() {
        assertThat(run("train", "a.csv", "--lr", "1").err())
                .contains("no option --lr. Did you mean '--learning-rate'?");
        assertThat(run("train", "a.csv", "--r=8").err())
                .contains("no option --r. Did you mean '--method type=lora,r=…'?");
        assertThat(run("train", "a.csv", "--lora_alpha=8").err()).contains("'--method type=lora,alpha=…'?");
        assertThat(run("train", "a.csv", "--bs", "8").err()).contains("Did you mean '--batch-size'?");
        assertThat(run("jobs", "--r").err()).contains("no option --r.").doesNotContain("Did you mean");
        assertThat(run("datasets", "tickets").err())
                .contains("There is no command datasets tickets. Did you mean 'dataset tickets'?");
        assertThat(run("datasets", "delet").err()).contains("Did you mean 'delete'?");
        assertThat(run("jobs", "my job").err()).contains("Did you mean 'job 'my job''?");
        assertThat(run("dataset", "delete", "ds_1").err())
                .contains("dataset shows one dataset. Did you mean 'datasets delete ds_1'?");
    }

    @Test
    void aValueThatTheServerRefusesIsAWrongCall() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "invalid_request", "detail": "x", "errors": [
                       {"field": "limit", "code": "out_of_range", "message": "'limit' must be from 1 to 1000."}]}""");
            Run wrong = Run.of(server, "jobs", "--limit", "0");
            assertThat(wrong.exitCode()).isEqualTo(2);
            assertThat(wrong.err()).isEqualTo("anneal: --limit must be from 1 to 1000.\nSee: anneal jobs --help\n");

            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "unknown_dataset", "detail": "x", "errors": [
                       {"field": "dataset", "code": "unknown_dataset", "message": "There is no dataset 'x'."}]}""");
            assertThat(Run.of(server, "jobs").exitCode()).isEqualTo(1);
        }
    }

    @Test
    void anOptionWithoutItsValueOrWithAWrongOneIsRefused() {
        assertThat(run("train", "a.csv", "--model", "--epochs", "3").err()).contains("--model needs a value");
        assertThat(run("jobs", "--limit", "many").err()).contains("--limit cannot be many. Give a whole number.");
        assertThat(run("jobs", "--limit", "1", "--limit", "2").err()).contains("--limit was given twice");
        assertThat(run("jobs", "--url", "localhost").err()).contains("--url must be of the form http://host:port");
        assertThat(run("jobs", "--url", "http://me:hidden@localhost").err())
                .contains("--url must be of the form http://host:port, not http://***@localhost");
    }

    @Test
    void aCommandSaysWhichArgumentIsMissingOrTooMuch() {
        assertThat(run("train", "--model", "m").err()).contains("train needs FILE|DATASET.");
        assertThat(run("follow").err()).contains("follow needs JOB.");
        assertThat(run("job", "job_1", "job_2").err()).contains("job does not take \"job_2\"", "one at a time");
        assertThat(run("predict", "mdl_1").err()).contains("predict needs TEXT.");
        assertThat(run("generate", "mdl_1", "Once", "upon").err()).contains("Quote a text with spaces.");
        assertThat(run("workers", "wrk_1").err()).contains("workers does not take \"wrk_1\". It takes options only.");
        assertThat(run("jobs", "delete").err()).contains("jobs delete needs JOB.");
    }

    @Test
    void helpExplainsEveryCommandAndEveryOption() {
        Run overview = run();

        assertThat(overview.exitCode()).isZero();
        assertThat(run("--help")).isEqualTo(overview);
        each((words, command) -> {
            Run help = run(words.split(" "));
            assertThat(help.exitCode()).as(words).isZero();
            assertThat(help.out()).startsWith("Usage: anneal");
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(words)
                    .isNotEmpty();
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertThat(option.description())
                        .as(words + " " + option.longestName())
                        .isNotEmpty();
                assertThat(help.out()).contains(option.longestName());
            }
            command.getCommandSpec()
                    .positionalParameters()
                    .forEach(argument ->
                            assertThat(argument.description()).as(words).isNotEmpty());
        });
        assertThat(overview.out()).contains("\n  quickstart ", "\n  completion ", "--project PROJECT");
        assertThat(run("help", "keys", "create").out()).contains("(default: viewer)");
        assertThat(run("train", "--help").out()).contains("Hyperparameters (default: auto", "--seed N");
        assertThat(run("help", "generate").out())
                .as("its --seed is no hyperparameter")
                .contains("--seed N")
                .doesNotContain("Hyperparameters");
        assertThat(run("train", "--help").out()).contains("Examples:", "--epochs N", "(default: ");
    }

    @Test
    void everyCommandIsListedInAGroup() {
        assertThat(Commands.GROUPS.values().stream().flatMap(java.util.List::stream))
                .containsExactlyInAnyOrderElementsOf(all().getSubcommands().keySet());
    }

    @Test
    void optionsOfEveryCommandStandAnywhere() {
        try (ScriptedServer server = Bodies.script(new ScriptedServer())) {
            server.on("DELETE /datasets/ds_1", 204, "");
            for (String line : new String[] {
                "--project p datasets delete ds_1",
                "datasets --project p delete ds_1",
                "datasets delete ds_1 --project p"
            }) {
                server.requests.clear();
                assertThat(Run.of(server, line.split(" ")).out())
                        .as(line)
                        .isEqualTo("Deleted the dataset reviews.csv (ds_1).\n");
                assertThat(server.only("DELETE").headers()).as(line).containsEntry("anneal-project", "p");
            }
        }
    }

    @Test
    void theCommandThatStartsAServerHasTheDataDirectory() {
        assertThat(run("jobs", "--data", "/srv/anneal", "--project", "p").err())
                .contains("Start one with `anneal serve --data /srv/anneal`, or");
    }

    @Test
    void theCompletionScriptIsValidAndKnowsCommandsAndOptions() throws Exception {
        Run run = run("completion");
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        bash.outputWriter().append(run.out()).close();

        assertThat(bash.waitFor())
                .as(new String(bash.getInputStream().readAllBytes()))
                .isZero();
        assertThat(run.out()).contains("checkpoints", "--learning-rate", "complete -F");
    }

    @Test
    void everyFieldOfTheContractThatSaysHowToTrainIsAnOptionOfTrain() throws Exception {
        String contract = Files.readString(Path.of("openapi.yaml"));
        Map<String, OptionSpec> options =
                all().getSubcommands().get("train").getCommandSpec().optionsMap();

        assertThat(fields(contract, "HyperparameterChoices"))
                .hasSizeGreaterThan(10)
                .allSatisfy(name -> assertThat(options).containsKey("--" + name.replace('_', '-')));
        assertThat(fields(contract, "JobRequest"))
                .filteredOn(name -> !name.matches("hyperparameters|base_model|dataset|\\w+_dataset"))
                .hasSizeGreaterThan(5)
                .allSatisfy(name -> assertThat(options).containsKey("--" + name.replace('_', '-')));
    }

    private static java.util.List<String> fields(String contract, String schema) {
        int begin = contract.indexOf("\n    " + schema + ":");
        Pattern next = Pattern.compile("\n    \\w+:");
        var matcher = next.matcher(contract);
        String body = contract.substring(begin + 1, matcher.find(begin + 1) ? matcher.start() : contract.length());
        return Pattern.compile("^        (\\w+):$", Pattern.MULTILINE)
                .matcher(body)
                .results()
                .map((MatchResult name) -> name.group(1))
                .toList();
    }

    private static CommandLine all() {
        return Run.cli(Map.of(), InputStream.nullInputStream()).commandLine();
    }

    private static void each(BiConsumer<String, CommandLine> test) {
        all().getSubcommands().forEach((name, command) -> {
            test.accept(name + " --help", command);
            command.getSubcommands().forEach((inner, sub) -> test.accept(name + " " + inner + " --help", sub));
        });
    }
}
