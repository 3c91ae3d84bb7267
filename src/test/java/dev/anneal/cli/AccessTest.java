package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final String KEY = """
            {"id": "key_1", "name": "ci", "role": "editor", "project": "search", "prefix": "ann_Ab1c", "last_four": "x9Yz",
             "created_by": "key_0", "created_at": "2026-11-24T14:35:05Z", "expires_at": null, "revoked_at": null,
             "last_used_at": null%s}""";

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aNewKeyIsPrintedAloneSoThatAScriptCanKeepIt() {
        server.on("POST /keys", 201, KEY.formatted(", \"secret\": \"ann_Ab1c-secret-x9Yz\""));
        Run run = Run.of(
                server, "keys", "create", "--name", "ci", "--role", "editor", "--project", "search", "--days", "90");

        assertThat(run.out()).isEqualTo("ann_Ab1c-secret-x9Yz\n");
        assertThat(run.err()).contains("not shown again", "keys revoke key_1");
        assertThat(server.only("POST").headers()).containsEntry("anneal-project", "search");
        assertThat(server.only("POST").body()).contains("\"project\":\"search\"", "\"expires_in_days\":90");
    }

    @Test
    void keysAreListedWithoutTheirSecrets() {
        server.list("GET /keys", KEY.formatted(""));

        assertThat(Run.of(server, "keys").out()).contains("key_1", "editor", "search", "ann_Ab1c…x9Yz");
    }

    @Test
    void aKeyIsRevoked() {
        server.on("DELETE /keys/key_1", 204, "");

        assertThat(Run.of(server, "keys", "revoke", "key_1").out()).isEqualTo("The key key_1 is revoked.\n");
    }

    @Test
    void aKeyIsRevokedByItsNameUnlessSeveralHaveIt() {
        String revoked = KEY.formatted("")
                .replace("key_1", "key_0")
                .replace("\"revoked_at\": null", "\"revoked_at\": \"2026-11-24T14:35:05Z\"");
        server.list("GET /keys", KEY.formatted(""), revoked);
        server.on("DELETE /keys/key_1", 204, "");

        assertThat(Run.of(server, "keys", "revoke", "ci").out()).isEqualTo("The key key_1 is revoked.\n");
        server.list("GET /keys", KEY.formatted(""), KEY.formatted("").replace("key_1", "key_2"));
        assertThat(Run.of(server, "keys", "revoke", "ci").err())
                .isEqualTo("anneal: There are 2 keys named ci. Give the id of one: key_1, key_2.\n");
        assertThat(Run.of(server, "keys", "revoke", "cd").err()).startsWith("anneal: There is no key named cd.");
    }

    @Test
    void aWrongCallIsAnsweredWithWhatIsMissing() {
        assertThat(Run.of(server, "keys", "rewoke", "key_1").err()).contains("Did you mean 'revoke'?");
        assertThat(Run.of(server, "keys", "create").err()).contains("keys create needs --name NAME.");
    }

    @Test
    void aProjectIsMade() {
        server.on("POST /projects", 201, "{\"id\": \"search\", \"name\": \"search\"}");

        assertThat(Run.of(server, "projects", "create", "search").out()).startsWith("Created the project search.");
    }
}
