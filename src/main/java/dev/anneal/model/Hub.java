package dev.anneal.model;

import dev.anneal.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face hub over HTTP. Redirects are followed by hand: the token goes to the hub alone, and nothing that began
 * with https goes on without.
 */
@Component
class Hub {
    /** A repository at one commit; {@code files} by name, with what the hub says of them. */
    record Listing(String repository, String commit, Map<String, HubFile> files) {}

    /** An answer with a body; {@code first} are the headers of the hub itself, before it sent us elsewhere. */
    record Answer(HttpResponse<InputStream> response, java.net.http.HttpHeaders first) {
        Optional<String> header(String name) {
            return first.firstValue(name).or(() -> response.headers().firstValue(name));
        }
    }

    /** A refusal that may pass; {@code after} is how long the hub wants to be left alone, or null. */
    static final class Busy extends IOException {
        final Duration after;

        Busy(String message, Duration after) {
            super(message);
            this.after = after;
        }
    }

    private static final int MAX_LISTING_BYTES = 32 << 20;
    private static final int MAX_REDIRECTS = 5;

    private final HubSettings settings;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(15))
            .build();

    Hub(HubSettings settings) {
        this.settings = settings;
    }

    Listing list(HubSource source, Transfer transfer) throws IOException {
        URI uri = uri("/api/models/" + source.repository() + "/revision/" + encode(source.revision()) + "?blobs=true");
        Answer answer = get(uri, 0, "The model '" + source.repository() + "' at '" + source.revision() + "'", transfer);
        byte[] body;
        try (InputStream in = answer.response().body()) {
            transfer.open(in);
            body = in.readNBytes(MAX_LISTING_BYTES + 1);
        } finally {
            transfer.closed();
        }
        if (body.length > MAX_LISTING_BYTES) {
            throw malformed("is larger than " + MAX_LISTING_BYTES + " bytes");
        }
        return listing(body, source);
    }

    private Listing listing(byte[] body, HubSource source) {
        JsonNode json;
        try {
            json = Json.MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw malformed("is not JSON");
        }
        String commit = json.path("sha").asString("");
        if (!commit.matches("[0-9a-f]{7,64}") || !json.path("siblings").isArray()) {
            throw malformed("has no 'sha' or no 'siblings'");
        }
        // A repository that was renamed answers under its new name, which may be one that is not allowed.
        String repository = json.path("id").asString(source.repository());
        if (!settings.allows(repository)) {
            throw new ImportFailure(
                    "source_not_allowed",
                    "'" + source.repository() + "' is '" + WantedFiles.shown(repository)
                            + "' now, which this server does not take (anneal.hub.allow).");
        }
        Map<String, HubFile> files = new LinkedHashMap<>();
        for (JsonNode sibling : json.get("siblings")) {
            String name = sibling.path("rfilename").asString("");
            if (WantedFiles.isPlain(name)) { // whatever else there is, it is nothing that a model needs
                files.put(name, HubFile.of(name, sibling));
            }
        }
        return new Listing(source.repository(), commit, files);
    }

    private static ImportFailure malformed(String what) {
        return new ImportFailure("hub_malformed", "The hub's list of files " + what + ".");
    }

    /** Opens a file from an offset on. */
    Answer open(Listing listing, String file, long offset, Transfer transfer) throws IOException {
        URI uri = uri("/" + listing.repository() + "/resolve/" + listing.commit() + "/" + file);
        return get(uri, offset, "The file '" + file + "' of '" + listing.repository() + "'", transfer);
    }

    private Answer get(URI start, long offset, String what, Transfer transfer) throws IOException {
        URI uri = start;
        java.net.http.HttpHeaders first = null;
        boolean ours = true;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            transfer.check();
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(Duration.ofSeconds(60))
                    .header("User-Agent", "anneal")
                    .header("Accept-Encoding", "identity");
            if (offset > 0) {
                request.header("Range", "bytes=" + offset + "-");
            }
            ours &= isHub(uri);
            if (ours && settings.token() != null && !settings.token().isBlank()) {
                request.header("Authorization", "Bearer " + settings.token().strip());
            }
            HttpResponse<InputStream> response = send(request.build());
            first = first == null ? response.headers() : first;
            int status = response.statusCode();
            if (status == 200 || status == 206 || status == 416) {
                return new Answer(response, first);
            }
            response.body().close();
            if (status / 100 != 3 || response.headers().firstValue("Location").isEmpty()) {
                throw refusal(status, response, what);
            }
            uri = redirect(uri, response.headers().firstValue("Location").get());
        }
        throw new ImportFailure("hub_malformed", what + " is behind more than " + MAX_REDIRECTS + " redirects.");
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Transfer.Stopped();
        }
    }

    private static URI redirect(URI from, String location) {
        try {
            URI to = from.resolve(location);
            boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
            if (web && to.getHost() != null && !("https".equals(from.getScheme()) && "http".equals(to.getScheme()))) {
                return to;
            }
        } catch (IllegalArgumentException noUri) {
            // falls through
        }
        throw new ImportFailure("hub_malformed", "The hub redirects to an address that is not followed.");
    }

    private boolean isHub(URI uri) {
        URI hub = settings.endpoint();
        return hub.getScheme().equalsIgnoreCase(uri.getScheme())
                && hub.getHost().equalsIgnoreCase(uri.getHost())
                && hub.getPort() == uri.getPort();
    }

    private IOException refusal(int status, HttpResponse<?> response, String what) {
        if (status == 429 || status == 408 || status >= 500) {
            Duration after = response.headers()
                    .firstValue("Retry-After")
                    .filter(text -> text.matches("\\d{1,4}"))
                    .map(text -> Duration.ofSeconds(Math.min(60, Long.parseLong(text))))
                    .orElse(null);
            return new Busy("the hub answered " + status, after);
        }
        throw switch (status) {
            case 401, 403 ->
                new ImportFailure(
                        "hub_unauthorized",
                        what
                                + " does not exist or needs a token with access to it (anneal.hub.token); the hub answered "
                                + status + ".");
            case 404 -> new ImportFailure("hub_not_found", what + " is not at the hub (404).");
            default -> new ImportFailure("hub_refused", what + " was refused by the hub with status " + status + ".");
        };
    }

    private URI uri(String path) {
        return URI.create(settings.endpoint().toString().replaceAll("/+$", "") + path);
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8);
    }
}
