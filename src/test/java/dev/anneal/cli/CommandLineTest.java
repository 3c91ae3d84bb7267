package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandLineTest {
    private static Run run(String... words) {
        return Run.of("http://127.0.0.1:9", "", false, words);
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearestOne() {
        Run run = run("jbos");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("There is no command jbos. Did you mean jobs?")
                .contains("anneal help");
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
                .contains("has no option --epoch. Did you mean --epochs?")
                .contains("anneal help train");
    }

    @Test
    void anOptionWithoutItsValueIsRefused() {
        assertThat(run("train", "a.csv", "--model", "--epochs", "3").err()).contains("--model needs a value");
        assertThat(run("jobs", "--json=yes").err()).contains("--json takes no value");
    }

    @Test
    void everyCommandAsksForWhatItLacks() {
        assertThat(run("train", "--model", "m").err()).contains("Which file?");
        assertThat(run("train", "a.csv").err()).contains("Which base model?");
        assertThat(run("follow").err()).contains("Which job?");
        assertThat(run("job", "job_1", "job_2").err()).contains("One job at a time");
        assertThat(run("predict", "mdl_1").err()).contains("Which text?");
        assertThat(run("models", "mdl_1").err()).contains("What is \"mdl_1\" for?");
        assertThat(run("jobs", "--url", "localhost").err()).contains("--url wants http://host:port");
    }

    @Test
    void valuesStandAfterTheOptionOrAnEqualsSignAndWordsAfterTwoDashesAreOperands() {
        Arguments arguments = Arguments.parse(
                Train.COMMAND, java.util.List.of("--model=m", "--weight-decay", "-1", "a.csv", "--", "--odd"));

        assertThat(arguments.value("model")).contains("m");
        assertThat(arguments.value("weight-decay")).contains("-1");
        assertThat(arguments.operands()).containsExactly("a.csv", "--odd");
    }

    @Test
    void helpExplainsEveryCommandAndEveryOption() {
        Run overview = run();

        assertThat(overview.exitCode()).isZero();
        for (Command command : Cli.COMMANDS) {
            assertThat(overview.out()).contains("  " + command.name() + " ");
            Run help = run("help", command.name());
            assertThat(run(command.name(), "--help")).isEqualTo(help);
            command.options().forEach(option -> assertThat(help.out()).contains(option.synopsis()));
        }
    }

    @Test
    void everyHyperparameterOfTheContractIsAnOptionOfTrain() throws Exception {
        String contract = java.nio.file.Files.readString(java.nio.file.Path.of("openapi.yaml"));
        String choices = contract.substring(
                contract.indexOf("    HyperparameterChoices:"), contract.indexOf("    Hyperparameters:"));

        java.util.regex.Pattern.compile("^        (\\w+):$", java.util.regex.Pattern.MULTILINE)
                .matcher(choices)
                .results()
                .map(name -> name.group(1).replace('_', '-'))
                .forEach(name -> assertThat(Train.COMMAND.options())
                        .extracting(Option::name)
                        .contains(name));
    }
}
