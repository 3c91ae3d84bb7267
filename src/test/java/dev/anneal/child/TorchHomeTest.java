package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs a model host on the libtorch of PyTorch's wheel, on the CPU. The folder is one that {@code pip install --target=<folder>
 * torch==2.7.1} has filled (for a CPU alone: {@code --index-url https://download.pytorch.org/whl/cpu}); the property
 * {@code anneal.torch.home} or the variable {@code ANNEAL_TORCH_HOME} names it.
 */
class TorchHomeTest {
    @TempDir
    Path directory;

    @Test
    void aModelHostComputesWithTheLibtorchOfAPyTorchFolder() throws Exception {
        String home = Optional.ofNullable(System.getProperty("anneal.torch.home"))
                .or(() -> Optional.ofNullable(System.getenv("ANNEAL_TORCH_HOME")))
                .orElse("");
        assumeTrue(
                !home.isBlank(),
                "No folder with PyTorch. Run: pip install --target=/tmp/torch torch==2.7.1, then set ANNEAL_TORCH_HOME=/tmp/torch");
        Path model = TestModels.tiny(directory.resolve("model"), "no", "yes");

        JsonAnswer bundled = predict(TorchSettings.BUNDLED, model);
        JsonAnswer folder = predict(new TorchSettings(home), model);

        assertThat(bundled.libtorch()).doesNotStartWith(home);
        assertThat(folder.libtorch()).startsWith(Path.of(home).toRealPath().toString());
        for (String label : List.of("no", "yes")) {
            assertThat(folder.scores().get(label))
                    .isCloseTo(bundled.scores().get(label), org.assertj.core.api.Assertions.within(1e-5));
        }
    }

    /** Scores, and the file of libtorch that the process has mapped. */
    private record JsonAnswer(Map<String, Double> scores, String libtorch) {}

    private JsonAnswer predict(TorchSettings torch, Path model) throws Exception {
        ChildJvm children = new ChildJvm(new DataDirectory(new DataSettings(TestServer.newDirectory())), torch);
        Path steps = Files.createTempFile("torch-home", ".steps");
        HostOptions options = new HostOptions(
                model.toString(), "cpu", 1, 0, 1, 1, 1, "fp32", null, false, steps.toString(), 120, 120);
        Process host = children.process(
                        children.command("dev.anneal.host.ModelHost", "256m", Json.write(options)), "cpu")
                .redirectError(new File("target/torch-home.log"))
                .start();
        try (var out = host.outputWriter();
                var lines = host.inputReader()) {
            var body = Json.MAPPER.readTree("{\"inputs\": [{\"text\": \"good\"}]}");
            out.write(Json.write(new HostRequest(1, HostRequest.PREDICT, "test", "mine", body)) + "\n");
            out.flush();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                HostAnswer answer = line.startsWith("{") ? Json.read(line, HostAnswer.class) : HostAnswer.isAlive();
                assertThat(answer.error()).isNull();
                if (answer.result() != null) {
                    return new JsonAnswer(scores(answer.result().get(0).get("scores")), libtorch(host.pid()));
                }
            }
            throw new AssertionError("the host ended: " + Files.readString(Path.of("target/torch-home.log")));
        } finally {
            host.destroyForcibly().waitFor();
            Files.delete(steps);
        }
    }

    private static Map<String, Double> scores(tools.jackson.databind.JsonNode node) {
        return Map.of("no", node.get("no").asDouble(), "yes", node.get("yes").asDouble());
    }

    private static String libtorch(long pid) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
                .filter(line -> line.endsWith("/libtorch_cpu.so"))
                .map(line -> line.substring(line.indexOf('/')))
                .findFirst()
                .orElseThrow();
    }
}
