package dev.anneal.web;

import dev.anneal.text.Suggest;
import dev.anneal.text.Visible;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Thrown when a request cannot be answered as asked: an HTTP status, a stable code, and a message that says what is wrong
 * and what to do. {@link ProblemExceptionHandler} writes it as problem details (RFC 9457).
 */
public final class Problem extends RuntimeException {
    /** One invalid field of a request, or one invalid line of a file. Line and column are those of a file. */
    public record Error(
            @Nullable String field,
            @Nullable Long line,
            @Nullable String column,
            String code,
            String message) {
        public static Error field(String field, String code, String message) {
            return new Error(field, null, null, code, message);
        }
    }

    /** The message for a bug of the server. */
    public static final String INTERNAL_ERROR = "Internal server error. See the server log.";

    /** The message for what Tomcat or the firewall refuse before any operation is found. */
    public static final String MALFORMED_REQUEST =
            "The URL or a header of the request is too long or has characters that are not allowed, its method is unknown, or"
                    + " its body is not as the headers announce it."
                    + " In the URL, percent-encode them, for example a space as %20 and a slash in a name as %2F.";

    /** The largest number of errors in an answer. */
    static final int MAX_ERRORS = 50;

    private final HttpStatus status;
    private final String code;
    private final List<Error> errors;
    private final Map<String, Object> properties;
    private final int retrySeconds;

    public Problem(HttpStatus status, String code, String detail, List<Error> errors, Map<String, Object> properties) {
        this(status, code, detail, errors, properties, secondsAfter(status));
    }

    /** @param retrySeconds the number of seconds to wait before the next attempt */
    public Problem(HttpStatus status, String code, String detail, int retrySeconds) {
        this(status, code, detail, List.of(), Map.of(), retrySeconds);
    }

    private Problem(
            HttpStatus status,
            String code,
            String detail,
            List<Error> errors,
            Map<String, Object> properties,
            int retrySeconds) {
        super(detail, null, false, false); // an answer to the client, so it needs no stack trace
        this.status = status;
        this.code = code;
        this.errors = errors;
        this.properties = properties;
        this.retrySeconds = retrySeconds;
    }

    private static int secondsAfter(HttpStatus status) {
        return status == HttpStatus.TOO_MANY_REQUESTS ? 1 : status == HttpStatus.SERVICE_UNAVAILABLE ? 5 : 0;
    }

    public Problem(HttpStatus status, String code, String detail) {
        this(status, code, detail, List.of(), Map.of());
    }

    public static Problem notFound(String what, String id) {
        return notFound(what, id, list(what));
    }

    private static String list(String what) {
        return "GET /api/v1/" + what + "s lists the " + what + "s that you can use.";
    }

    /** Returns the 404 for a thing that has none of these names. It suggests one that is similar. */
    public static Problem notFound(String what, String id, Collection<String> names) {
        String suggestion = Suggest.nearest(id, names).strip();
        return notFound(what, id, suggestion + (suggestion.isEmpty() ? "" : " ") + list(what));
    }

    public static Problem notFound(String what, String id, String whatToDo) {
        return new Problem(
                HttpStatus.NOT_FOUND, "not_found", "There is no %s '%s'. %s".formatted(what, quote(id), whatToDo));
    }

    /** Returns the 404 for a path that no operation has. */
    public static Problem unknownPath(String path, String suggestion) {
        return new Problem(
                HttpStatus.NOT_FOUND,
                "not_found",
                "The path '%s' does not exist.%s GET /openapi.yaml lists all paths."
                        .formatted(quote(path), suggestion));
    }

    public static Problem tooManyUploads() {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "too_many_uploads",
                "The project or the server is at its limit of parallel uploads. Try again later.");
    }

    public static Problem storeUnavailable() {
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The artifact store is unavailable. Try again later.");
    }

    public static Problem diskFull() {
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "disk_full",
                "The server's disk is full. Nothing of this request was stored. See the server log.");
    }

    public static Problem databaseUnavailable() {
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The database is unavailable. Try again later.");
    }

    public static Problem conflict(String code, String detail) {
        return new Problem(HttpStatus.CONFLICT, code, detail);
    }

    public static Problem unprocessable(String code, String detail) {
        return new Problem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail);
    }

    /** Returns the answer to a request that would exceed a limit of the server or of a project. It names the limit and its value. */
    public static Problem limit(String code, String detail, String setting, long value) {
        return limit(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, setting, value);
    }

    /** Returns the answer to a request with a field that exceeds a limit. */
    public static Problem limit(String field, String code, String detail, String setting, long value) {
        String sentence = "%s. The limit is %,d (%s).".formatted(detail, value, setting);
        return new Problem(
                HttpStatus.UNPROCESSABLE_CONTENT,
                code,
                sentence,
                List.of(Error.field(field, code, sentence)),
                Map.of("limit", value, "limit_name", setting));
    }

    public static Problem limit(HttpStatus status, String code, String detail, String setting, long value) {
        return new Problem(
                status,
                code,
                "%s. The limit is %,d (%s).".formatted(detail, value, setting),
                List.of(),
                Map.of("limit", value, "limit_name", setting));
    }

    /** Returns the answer to a request with invalid fields. A single error gives its code and message to the whole answer. */
    public static Problem invalid(List<Error> errors) {
        return invalid(errors.size() > MAX_ERRORS ? errors.subList(0, MAX_ERRORS) : errors, errors.size(), Map.of());
    }

    /** Returns the answer to a request with this many invalid fields, of which it names the first ones. */
    static Problem invalid(List<Error> named, int count, Map<String, Object> properties) {
        Error first = named.get(0);
        String code = count == 1 ? first.code() : "invalid_request";
        String detail = count == 1
                ? first.message()
                : count + " fields are not valid"
                        + (count > named.size() ? ", of which " + named.size() + " are listed" : "")
                        + ". The first is '" + first.field() + "': " + first.message();
        return new Problem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, named, properties);
    }

    public static Problem invalid(String field, String code, String message) {
        return invalid(List.of(Error.field(field, code, message)));
    }

    /** Returns user text for a message: at most 80 characters, with control characters escaped. */
    public static String quote(@Nullable Object value) {
        return Visible.quote(String.valueOf(value));
    }

    public HttpStatus status() {
        return status;
    }

    public String code() {
        return code;
    }

    public List<Error> errors() {
        return errors;
    }

    public Map<String, Object> properties() {
        return properties;
    }

    /** Returns the number of seconds to wait before the next attempt; 0 if the request must change first. */
    public int retrySeconds() {
        return retrySeconds;
    }
}
