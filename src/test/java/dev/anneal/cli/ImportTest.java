package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportTest {
    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void close() {
        server.close();
    }

    private void hub(String end, String error) {
        server.on("POST /models", 201, model("importing", "null"));
        server.on("GET /models/mdl_1", 200, model(end, error));
        server.on("GET /models/mdl_1/events", (exchange, request) -> Bodies.stream(exchange, """
                        id:1
                        event:status
                        data:{"id":1,"type":"status","data":{"status":"importing","attempt":1}}

                        id:2
                        event:progress
                        data:{"id":2,"type":"progress","data":{"downloaded_bytes":5,"total_bytes":10,"file":"model.safetensors"}}

                        id:3
                        event:status
                        data:{"id":3,"type":"status","data":{"status":"%s","attempt":1}}

                        """.formatted(end)));
    }

    private static String model(String status, String error) {
        return """
                {"id": "mdl_1", "name": "acme/tiny", "kind": "base", "status": "%s", "architecture": "bert",
                 "parameters": 1000, "size_bytes": 4000, "error": %s}""".formatted(status, error);
    }

    @Test
    void aModelOfAHubIsFollowedUntilItIsReady() {
        hub("ready", "null");

        Run run = Run.of(server, "import", "hf:acme/tiny", "--revision", "v1", "--name", "tiny");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("Importing acme/tiny", "Model acme/tiny   mdl_1   bert, 1,000 parameters");
        assertThat(Json.MAPPER.readTree(server.requests.get(0).body()).toString())
                .isEqualTo("{\"source\":\"hf:acme/tiny\",\"revision\":\"v1\",\"name\":\"tiny\"}");
    }

    @Test
    void anImportThatFailsSaysWhyAndFailsTheCommand() {
        hub("failed", "{\"code\": \"hub_not_found\", \"message\": \"It is not there.\"}");

        Run run = Run.of(server, "import", "hf:acme/tiny");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("The import failed. It is not there.");
    }

    @Test
    void filesThatAreLeftOutAreNamed(@TempDir Path directory) throws Exception {
        String model = model("ready", "null")
                .replace("{\"id\"", "{\"files_left_out\": [\"a/training_args.bin\", \"b\\n\"], \"id\"");
        server.list("GET /models");
        server.on("POST /models/upload", 201, model);
        server.on("GET /models/mdl_1", 200, model);
        Path zip = Files.writeString(directory.resolve("tiny.zip"), "zip");

        assertThat(Run.of(server, "import", zip.toString()).out())
                .contains(
                        "The model does not need these files of the zip, and they are not stored: a/training_args.bin, b\\n\n");
        assertThat(Run.of(server, "model", "mdl_1").out()).contains("a/training_args.bin, b\\n\n");
    }

    @Test
    void aZipIsUploaded(@TempDir Path directory) throws Exception {
        server.list("GET /models");
        server.on("POST /models/upload", 201, model("ready", "null"));
        Path zip = Files.writeString(directory.resolve("tiny.zip"), "zip");

        Run run = Run.of(server, "import", zip.toString(), "--name", "acme/tiny");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("Model acme/tiny").doesNotContain("not stored");
        assertThat(Run.of(server, "import", "nowhere.zip").err()).contains("no readable file", "hf:ORG/NAME");
        assertThat(Run.of(server, "import", zip.toString(), "--revision", "v1").exitCode())
                .isEqualTo(2);
    }
}
