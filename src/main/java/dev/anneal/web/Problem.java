package dev.anneal.web;

import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;

/**
 * An answer that is not the one the client asked for: an HTTP status, a stable code and a sentence that says what is
 * wrong and what to do. Thrown from anywhere below a controller, written out as RFC 9457 by {@link Problems}.
 */
public final class Problem extends RuntimeException {
    /** One wrong field of a request, or one wrong line of a file; what does not apply is null. */
    public record Error(String field, Long line, String column, String code, String message) {
        public static Error field(String field, String code, String message) {
            return new Error(field, null, null, code, message);
        }
    }

    private final HttpStatus status;
    private final String code;
    private final List<Error> errors;
    private final Map<String, Object> properties;

    public Problem(HttpStatus status, String code, String detail, List<Error> errors, Map<String, Object> properties) {
        super(detail, null, false, false); // an answer, not a fault: no stack trace
        this.status = status;
        this.code = code;
        this.errors = errors;
        this.properties = properties;
    }

    public Problem(HttpStatus status, String code, String detail) {
        this(status, code, detail, List.of(), Map.of());
    }

    public static Problem notFound(String what, String id) {
        return new Problem(HttpStatus.NOT_FOUND, "not_found", "There is no " + what + " '" + id + "'.");
    }

    public static Problem databaseAway() {
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The server does not reach its database; try again.");
    }

    public static Problem conflict(String code, String detail) {
        return new Problem(HttpStatus.CONFLICT, code, detail);
    }

    public static Problem unprocessable(String code, String detail) {
        return new Problem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail);
    }

    /** A limit of this server, or of a project, that would be passed; the answer names it and its value. */
    public static Problem limit(String code, String detail, String setting, long value) {
        return limit(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, setting, value);
    }

    /** Of a field of the request. */
    public static Problem limit(String field, String code, String detail, String setting, long value) {
        String sentence = "%s: %,d (%s).".formatted(detail, value, setting);
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
                "%s: %,d (%s).".formatted(detail, value, setting),
                List.of(),
                Map.of("limit", value, "limit_name", setting));
    }

    /** A request with wrong fields; the code and detail of a single error become those of the whole. */
    public static Problem invalid(List<Error> errors) {
        Error first = errors.get(0);
        String code = errors.size() == 1 ? first.code() : "invalid_request";
        String detail = errors.size() == 1
                ? first.message()
                : errors.size() + " fields are wrong; the first, '" + first.field() + "': " + first.message();
        return new Problem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, errors, Map.of());
    }

    public static Problem invalid(String field, String code, String message) {
        return invalid(List.of(Error.field(field, code, message)));
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
}
