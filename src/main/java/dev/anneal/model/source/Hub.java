package dev.anneal.model.source;

import dev.anneal.json.Json;
import dev.anneal.outbound.AddressRefused;
import dev.anneal.outbound.OutboundCall;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.web.Problem;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client of a Hugging Face hub. It follows redirects itself: only the hub gets the token, and https is never followed by
 * http.
 */
@Component
public class Hub {
    /** A repository at one commit; {@code files} are by name. */
    public record Listing(HubKind kind, String repository, String commit, Map<String, HubFile> files) {
        /** Returns the size of a file that the list has, or null if it does not say. */
        public @Nullable Long size(String name) {
            return Objects.requireNonNull(files.get(name), name).size();
        }
    }

    /** An answer with a body; {@code first} are the headers of the hub itself, before any redirect. */
    record Answer(OutboundCall.Answer response, OutboundCall.Headers first) {
        Optional<String> header(String name) {
            return first.first(name).or(() -> response.header(name));
        }
    }

    /** Thrown when a retry may succeed; {@code after} is the delay that the hub asks for, or null. */
    static final class Busy extends IOException {
        final @Nullable Duration after;

        Busy(String message, @Nullable Duration after) {
            super(message);
            this.after = after;
        }
    }

    private static final int MAX_LISTING_BYTES = 32 << 20;
    private static final int MAX_REDIRECTS = 5;

    /** Connections for datasets, so that they do not take those of imports. Their settings allow fewer at a time. */
    private static final int FOR_DATASETS = 64;

    private static final Pattern DATASET_FILE =
            Pattern.compile("(?:[A-Za-z0-9_=.-]{1,200}/){0,8}[A-Za-z0-9_=.-]{1,200}");

    private final HubSettings settings;
    private final OutboundHttp http;

    Hub(HubSettings settings, OutboundGuard guard, ImportSettings imports) {
        this.settings = settings;
        this.http = new OutboundHttp(
                guard.with(settings.endpoint()),
                Duration.ofSeconds(15),
                Duration.ofSeconds(60),
                2 * imports.parallel() + FOR_DATASETS);
    }

    @PreDestroy
    void close() {
        http.close();
    }

    Listing list(HubSource source, DownloadState transfer) throws IOException {
        URI uri = uri("/api/" + source.kind().plural() + "/" + source.repository() + "/revision/"
                + encode(source.revision()) + "?blobs=true");
        Answer answer = get(
                uri,
                0,
                "The " + source.kind().title() + " '" + source.repository() + "' at '" + source.revision() + "'",
                transfer);
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
        // A renamed repository is listed under its new name, which may not be allowed.
        String repository = json.path("id").asString(source.repository());
        if (!settings.allows(repository)) {
            throw new ImportFailure(
                    "source_not_allowed",
                    "'" + source.repository() + "' is '" + Problem.quote(repository)
                            + "' now, which this server does not allow (anneal.hub.allow).");
        }
        Map<String, HubFile> files = new LinkedHashMap<>();
        for (JsonNode sibling : json.get("siblings")) {
            String name = sibling.path("rfilename").asString("");
            if (isNeeded(source.kind(), name)) {
                files.put(name, HubFile.of(name, sibling));
            } else if (source.kind() == HubKind.DATASET && name.endsWith(".parquet")) {
                throw new ImportFailure(
                        "hub_file_name",
                        "The repository has the file '%s', whose name this server does not read. Its rows would be missing."
                                .formatted(Problem.quote(name)));
            }
        }
        return new Listing(source.kind(), source.repository(), commit, files);
    }

    /** No file that a model needs is in a folder. The files of datasets often are. */
    private static boolean isNeeded(HubKind kind, String name) {
        return kind == HubKind.MODEL
                ? ModelFileFilter.isPlain(name)
                : DATASET_FILE.matcher(name).matches() && !name.contains("..");
    }

    private static ImportFailure malformed(String what) {
        return new ImportFailure("hub_malformed", "The hub's list of files " + what + ".");
    }

    /** Opens a file at an offset. */
    Answer open(Listing listing, String file, long offset, DownloadState transfer) throws IOException {
        URI uri = uri("/" + listing.kind().path() + listing.repository() + "/resolve/" + listing.commit() + "/" + file);
        return get(uri, offset, "The file '" + file + "' of '" + listing.repository() + "'", transfer);
    }

    private Answer get(URI start, long offset, String what, DownloadState transfer) throws IOException {
        URI uri = start;
        OutboundCall.Headers first = null;
        boolean ours = true;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            transfer.check();
            OutboundCall call = http.get(uri).header("Accept-Encoding", "identity");
            if (offset > 0) {
                call.header("Range", "bytes=" + offset + "-");
            }
            ours &= isHub(uri);
            if (ours && settings.token() != null && !settings.token().isBlank()) {
                call.header("Authorization", "Bearer " + settings.token().strip());
            }
            transfer.open(call);
            OutboundCall.Answer response = send(call, uri);
            first = first == null ? response.headers() : first;
            int status = response.status();
            if (status == 200 || status == 206 || status == 416) {
                return new Answer(response, first);
            }
            call.close();
            if (status / 100 != 3 || response.header("Location").isEmpty()) {
                throw refusal(status, response, what);
            }
            uri = redirect(uri, response.header("Location").get());
        }
        throw new ImportFailure("hub_malformed", what + " has more than " + MAX_REDIRECTS + " redirects.");
    }

    private static OutboundCall.Answer send(OutboundCall call, URI uri) throws IOException {
        try {
            return call.send();
        } catch (AddressRefused refused) {
            throw new ImportFailure(
                    "hub_address_refused",
                    "The hub redirects to an address that is not allowed: " + refused.getMessage() + ".");
        }
    }

    private static URI redirect(URI from, String location) {
        try {
            URI to = from.resolve(location);
            boolean lessSafe = "https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(to.getScheme());
            if (OutboundGuard.isWeb(to) && !lessSafe) {
                return to;
            }
        } catch (IllegalArgumentException noUri) {
            // falls through
        }
        throw new ImportFailure("hub_malformed", "The hub redirects to an address that is not allowed.");
    }

    private boolean isHub(URI uri) {
        URI hub = settings.endpoint();
        return hub.getScheme().equalsIgnoreCase(uri.getScheme())
                && hub.getHost().equalsIgnoreCase(uri.getHost())
                && hub.getPort() == uri.getPort();
    }

    private IOException refusal(int status, OutboundCall.Answer response, String what) {
        if (status == 429 || status == 408 || status >= 500) {
            Duration after = response.header("Retry-After")
                    .filter(text -> text.matches("\\d{1,4}"))
                    .map(text -> Duration.ofSeconds(Math.min(60, Long.parseLong(text))))
                    .orElse(null);
            return new Busy("the hub returned status " + status, after);
        }
        throw switch (status) {
            case 401, 403 ->
                new ImportFailure(
                        "hub_unauthorized",
                        what
                                + " does not exist or needs a token with access to it (anneal.hub.token). The hub returned status "
                                + status + ".");
            case 404 -> new ImportFailure("hub_not_found", what + " does not exist at the hub.");
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
