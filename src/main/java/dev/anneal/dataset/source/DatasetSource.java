package dev.anneal.dataset.source;

import dev.anneal.model.source.HubKind;
import dev.anneal.model.source.HubSource;
import dev.anneal.outbound.AddressRefused;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.TooManyLookups;
import dev.anneal.text.ControlCharacters;
import dev.anneal.text.Cut;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * The source of a dataset's files: a URL, or a repository of a hub.
 *
 * @param url null for a repository
 * @param hub null for a URL
 * @param isDefaultRevision whether the request names no revision of the repository
 * @param config the configuration of the repository, null if the request names none
 */
public record DatasetSource(
        @Nullable URI url,
        @Nullable HubSource hub,
        boolean isDefaultRevision,
        @Nullable String config) {
    /** The fields of a request that say where the files are. */
    public static final List<String> FIELDS = List.of("source", "revision", "config");

    private static final int MAX_SOURCE = 2_000;
    private static final int MAX_CONFIG = 200;
    private static final int MAX_NAME = 200;

    /**
     * Reads the source. The caller calls {@link JsonFields#done} before it uses it.
     *
     * @param project the project whose request is checked. Null if it was: each address is also checked when it is called
     */
    public static @Nullable DatasetSource read(JsonFields fields, OutboundGuard guard, @Nullable String project) {
        String source = fields.required("source", MAX_SOURCE);
        String revision = fields.string("revision", 200);
        String config = fields.string("config", MAX_CONFIG);
        if (revision != null && !HubSource.isRevision(revision)) {
            fields.wrong("revision", "invalid_revision", "must be a branch, a tag or a commit");
        }
        if (source.startsWith(HubSource.PREFIX)) {
            return hub(source, revision, config, fields);
        }
        if (source.isEmpty()) {
            return null;
        }
        for (String field : new String[] {"revision", "config"}) {
            if (fields.has(field)) {
                fields.wrong(field, "conflicting_fields", "is only for a source such as hf:org/name. Leave it out");
            }
        }
        URI url = url(source, fields, guard, project);
        return url == null ? null : new DatasetSource(url, null, false, null);
    }

    /** Reads {@code hf:org/name} or {@code hf:org/name/config}. */
    private static @Nullable DatasetSource hub(
            String source, @Nullable String revision, @Nullable String config, JsonFields fields) {
        String[] parts = source.split("/", 3);
        String named = parts.length == 3 ? parts[2] : null;
        String repository = named == null ? source : parts[0] + "/" + parts[1];
        HubSource hub = HubSource.parse(HubKind.DATASET, repository, revision == null ? "main" : revision);
        boolean hasOrganization = hub != null && hub.repository().contains("/"); // the hub would be asked for nothing
        if (!hasOrganization || named != null && (named.isBlank() || named.length() > MAX_CONFIG)) {
            fields.wrong(
                    "source", "invalid_source", "must be hf:org/name or hf:org/name/config, for a dataset at the hub");
            return null;
        }
        if (named != null && config != null && !named.equals(config)) {
            fields.wrong(
                    "config",
                    "conflicting_fields",
                    "is not the configuration that 'source' names. Name only one of them");
        }
        return new DatasetSource(null, hub, revision == null, named == null ? config : named);
    }

    private static @Nullable URI url(String source, JsonFields fields, OutboundGuard guard, @Nullable String project) {
        try {
            URI url = new URI(source.strip());
            if (!OutboundGuard.isWeb(url)) {
                fields.wrong(
                        "source",
                        "invalid_source",
                        "must be an https URL with a host and without a user name, or hf:org/name for a dataset at the hub");
                return null;
            }
            if (project != null) {
                guard.check(url, project);
            }
            if (!isSafe(url, guard)) {
                fields.wrong(
                        "source",
                        "invalid_source",
                        "must be an https URL. http is only for hosts in anneal.outbound.allow");
                return null;
            }
            return url;
        } catch (URISyntaxException e) {
            fields.wrong("source", "invalid_source", "is not a valid URL. Write spaces as %20");
        } catch (AddressRefused refused) {
            fields.wrong("source", "address_refused", String.valueOf(refused.getMessage()));
        } catch (TooManyLookups later) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_lookups",
                    "Name servers are slow to answer for other hosts that this project named. Try again later.");
        } catch (UnknownHostException e) {
            fields.wrong("source", "unknown_host", "must have a host name that can be resolved within 5 seconds");
        }
        return null;
    }

    /** Returns whether what a URL returns cannot be changed on the way, as far as the settings ask for that. */
    static boolean isSafe(URI url, OutboundGuard guard) {
        return "https".equalsIgnoreCase(url.getScheme()) || guard.isListed(url);
    }

    /** Returns the first of these fields that a form has. */
    public static Optional<String> given(Map<String, String> form) {
        return FIELDS.stream()
                .filter(field -> !form.getOrDefault(field, "").isEmpty())
                .findFirst();
    }

    /** Returns a name for the dataset: that of the repository and its configuration, or of the file. */
    public String name() {
        if (hub != null) {
            String name = hub.repository() + (config == null ? "" : "/" + config);
            return Cut.toLength(name, MAX_NAME);
        }
        return fileName(Objects.requireNonNull(url));
    }

    static String fileName(URI url) {
        String path = url.getPath() == null ? "" : url.getPath();
        String last = path.substring(path.lastIndexOf('/') + 1).strip();
        String name = ControlCharacters.escape(last);
        return name.isEmpty() ? "dataset" : Cut.endOfLength(name, MAX_NAME);
    }
}
