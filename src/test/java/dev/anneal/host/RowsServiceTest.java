package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RowsMessage;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class RowsServiceTest {
    private static final JsonNode MESSAGE = Json.MAPPER.readTree("""
            {"spec": {"task": "causal-lm", "base_model": "qwen2", "dataset": "d", "labels": [],
                      "method": {"type": "full"}, "hyperparameters": {"max_length": 32}, "best_metric": "loss",
                      "task_options": {"packing": false, "completions_only": true}},
             "rows": [{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}]}""");

    @TempDir
    Path directory;

    @Test
    void rowsAreNotCheckedForAServerThatNoLongerWaits() throws IOException {
        assertThat(answer(false)).contains("\"result\"");
        assertThat(answer(true)).contains("\"cancelled\"");
    }

    private String answer(boolean cancelled) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        HostOutput output = new HostOutput(written);
        Watchdog watchdog = new Watchdog(output, RunningSteps.open(directory.resolve("steps")), 600, false);
        HostRequest request = new HostRequest(1, HostRequest.ROWS, "project", "key", MESSAGE);
        HostCall call = new HostCall(request, "cpu", output, watchdog, () -> {});
        if (cancelled) {
            call.cancel();
        }
        Path model = Path.of("src/test/resources/models/qwen2");
        new RowsService(model, watchdog, new CallThreads(Runnable::run))
                .answer(call, Json.MAPPER.treeToValue(MESSAGE, RowsMessage.class));
        return written.toString(StandardCharsets.UTF_8);
    }
}
