package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class GenerateTest {
    private static final String PATH = "POST /models/mdl_1/generate";
    private static final String EVENTS = """
            event: token
            data: {"text": "Es war"}

            event: token
            data: {"text": " einmal\\nein Gruß"}

            event: %s

            """;

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void close() {
        server.close();
    }

    private void stream(String lastEvent) {
        server.on(
                PATH,
                (exchange, request) ->
                        ScriptedServer.respond(exchange, 200, "text/event-stream", EVENTS.formatted(lastEvent)));
    }

    private JsonNode asked() {
        return Json.MAPPER.readTree(server.only("POST").body());
    }

    @Test
    void theWordsAreShownAsTheyArrive() {
        stream("done\ndata: {\"finish_reason\": \"stop\", \"usage\": {\"completion_tokens\": 5}}");

        Run run = Run.of(server, "generate", "mdl_1", "Vor langer Zeit", "--seed", "7", "--temperature", "0.5");

        assertThat(run.out()).isEqualTo("Es war einmal\nein Gruß\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(asked()).isEqualTo(Json.MAPPER.readTree("""
                        {"prompt": "Vor langer Zeit", "temperature": 0.5, "seed": 7, "stream": true}
                        """));
    }

    @Test
    void aTextThatReachedItsMaximumLengthSaysSo() {
        stream("done\ndata: {\"finish_reason\": \"length\", \"usage\": {\"completion_tokens\": 128}}");

        Run run = Run.of(server, "generate", "mdl_1", "x", "--chat", "--system", "Be brief.");

        assertThat(run.err()).contains("(stopped after 128 tokens; see --max-new-tokens)");
        assertThat(asked().get("messages").toString())
                .isEqualTo("[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"x\"}]");
    }

    @Test
    void theLikeliestTokensAreShownOnceTheTextIsComplete() {
        stream("""
                done
                data: {"finish_reason": "stop", "logprobs": [{"text": "Es", "logprob": -0.25, "likeliest":\
                 [{"text": "Es", "logprob": -0.25}, {"text": " \\n", "logprob": -1.5}]}]}""");

        Run run = Run.of(server, "generate", "mdl_1", "x", "--logprobs", "2");

        assertThat(run.out()).contains("'Es'", "-0.250", "'Es' -0.250, ' \\n' -1.500");
        assertThat(asked().get("logprobs").intValue()).isEqualTo(2);
        assertThat(Run.of(server, "generate", "mdl_1", "x", "--logprobs", "21").exitCode())
                .isEqualTo(2);
    }

    @Test
    void anEmptyStdinIsNoText() {
        assertThat(Run.of(server.url(), "\n", false, "generate", "mdl_1", "-").err())
                .isEqualTo("anneal: There is no text: the standard input is empty.\n");
    }

    @Test
    void theNameOfAFileIsNotTakenForAText() {
        Run run = Run.of(server, "generate", "mdl_1", "pom.xml");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "pom.xml is a file. To send what is in it: anneal generate mdl_1 - < pom.xml",
                        "To send this text: echo pom.xml | anneal generate mdl_1 -");
        String[] words = {
            "generate", "mdl_1", "pom.xml", "--chat", "--system", "Be brief.", "--stop=-", "--data", "/srv/a b"
        };
        assertThat(Run.of(server, words).err())
                .contains("anneal generate mdl_1 - --chat --system 'Be brief.' --stop=- --data '/srv/a b' < pom.xml");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void anErrorInTheStreamFailsTheCommand() {
        stream("error\ndata: {\"code\": \"internal_error\", \"detail\": \"A fault.\"}");

        Run run = Run.of(server, "generate", "mdl_1", "x");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("A fault.");
    }

    @Test
    void aRefusalIsToldAndJsonIsPrintedUnchanged() {
        server.on(PATH, 409, "{\"code\": \"not_a_generator\", \"detail\": \"It writes no texts.\"}");
        assertThat(Run.of(server, "generate", "mdl_1", "x").err()).contains("It writes no texts.");

        server.on(PATH, 200, "{\"text\": \"y\"}");
        assertThat(Run.of(server, "generate", "mdl_1", "x", "--json").out()).isEqualTo("{\"text\":\"y\"}\n");
    }
}
