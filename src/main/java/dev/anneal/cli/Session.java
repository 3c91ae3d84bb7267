package dev.anneal.cli;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** One invocation: what was asked for, and where its answers go. */
record Session(Arguments arguments, Map<String, String> environment, InputStream in, Terminal terminal) {
    static final int DEFAULT_PORT = 8420;

    Path data() {
        return setting("data", "ANNEAL_DATA")
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".anneal"));
    }

    Key key() {
        return setting("key", "ANNEAL_KEY").map(Key::given).orElseGet(() -> Key.of(data()));
    }

    Api api() {
        String url = setting("url", "ANNEAL_URL").orElse("http://127.0.0.1:" + DEFAULT_PORT);
        if (!url.matches("https?://[^/].*")) {
            throw Failure.usage("--url wants http://host:port, not: " + url);
        }
        return api(URI.create(url.replaceAll("/+$", "")), key());
    }

    Api api(URI server, Key key) {
        return new Api(server, key, arguments.has("curl") ? terminal::error : curl -> {});
    }

    private Optional<String> setting(String option, String variable) {
        return arguments
                .value(option)
                .or(() -> Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank()));
    }

    boolean json() {
        return arguments.has("json");
    }

    /** Prints the server's JSON as it came, for other programs. */
    void print(JsonNode json) {
        terminal.line(json.toString());
    }
}
