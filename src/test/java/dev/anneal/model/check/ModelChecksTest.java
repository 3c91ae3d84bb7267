package dev.anneal.model.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.Cases;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.check.HostileModels;
import dev.anneal.transformer.format.ModelException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelChecksTest {
    private static final Path MODELS = Path.of("src/test/resources/models");

    private final DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final ModelChecks checks = new ModelChecks(new ChildJvm(data, TorchSettings.BUNDLED), data, meters);

    @TempDir
    Path directory;

    @Test
    void aModelIsCheckedInAnotherProcessWithTheSameFacts() throws IOException {
        ModelFiles facts = checks.check(MODELS.resolve("llama"), "p");
        assertThat(facts).isEqualTo(ModelFiles.inspect(MODELS.resolve("llama")));
        try (Stream<Path> left = Files.list(data.own())) {
            assertThat(left).isEmpty();
        }
    }

    static Stream<HostileModels.Case> killers() {
        return HostileModels.killers();
    }

    @ParameterizedTest
    @MethodSource("killers")
    void aTokenizerThatEndsItsProcessIsRefusedWithThePartThatDoesSo(HostileModels.Case hostile) throws IOException {
        Path model = hostile.write(directory);
        assertThatThrownBy(() -> checks.check(model, "p"))
                .isInstanceOf(ModelException.class)
                .satisfies(refused -> assertThat(refused.getMessage())
                        .contains(hostile.expected())
                        .doesNotContain(".rs", "github"));
    }

    @ParameterizedTest
    @CsvSource({
        "tokenizer-charsmap, 'normalizer'",
        "tokenizer-bpe-prefix, 'model.continuing_subword_prefix'",
        "tokenizer-regex, 'pre_tokenizer'",
        "24-bert-addedtok, 'added_tokens[5]'"
    })
    void theCasesThatEndedTheServerAreRefused(String name, String part) throws IOException {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(Cases.of(name + ".zip")))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Files.copy(in, directory.resolve(entry.getName()));
            }
        }
        assertThatThrownBy(() -> checks.check(directory, "p"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tokenizer.json: '" + part)
                .satisfies(refused -> assertThat(
                                refused.getMessage().contains("the id 161, but the model has only the ids 0 to 160"))
                        .isEqualTo(name.equals("24-bert-addedtok")));
    }

    @Test
    void aCheckHasATimeForAllItsSteps() {
        ModelChecks hasty =
                new ModelChecks(new ChildJvm(data, TorchSettings.BUNDLED), data, Duration.ofMillis(1), meters);

        assertThatThrownBy(() -> hasty.check(MODELS.resolve("llama"), "p"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("needs more than 0 seconds");
    }

    @Test
    void aProjectHasOneCheckAtATime() throws InterruptedException {
        CheckTurns turns = new CheckTurns(2);
        turns.begin("a");
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            try {
                turns.begin("a");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        turns.begin("b");

        Awaitility.await().until(() -> turns.waiting() == 1);
        assertThat(turns.running()).isEqualTo(2);
        assertThat(second).isNotDone();
        turns.end("a");
        second.orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Test
    void anInterruptedCheckEndsItsProcess() throws Exception {
        Path model = HostileModels.killers()
                .filter(hostile -> hostile.name().equals("backtracking"))
                .findFirst()
                .orElseThrow()
                .write(directory);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> checks.check(model, "p")).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
