package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.ConversionNotSupportedException;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentConversionNotSupportedException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.util.UriUtils;
import tools.jackson.core.JacksonException;

/** Turns every exception into problem details (RFC 9457): ours as they are, Spring's with a code, faults without detail. */
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    @ExceptionHandler
    ResponseEntity<Object> handle(Problem thrown, WebRequest request) {
        // Whatever the reader of a body that was given up made of it.
        boolean slow = request.getAttribute(SlowRequest.ATTRIBUTE, WebRequest.SCOPE_REQUEST) != null;
        Problem problem = slow ? SlowRequest.problem() : thrown;
        HttpHeaders headers = new HttpHeaders();
        if (problem.status() == HttpStatus.TOO_MANY_REQUESTS) {
            headers.set(HttpHeaders.RETRY_AFTER, "1");
        } else if (problem.status() == HttpStatus.SERVICE_UNAVAILABLE) {
            headers.set(HttpHeaders.RETRY_AFTER, "5");
        }
        return answer(body(problem, pathOf(request)), headers);
    }

    @ExceptionHandler
    ResponseEntity<Object> handle(MultipartException broken, WebRequest request) {
        if (isDiskFull(broken)) {
            return handleDiskFull(broken, request);
        }
        return handle(
                new Problem(
                        HttpStatus.BAD_REQUEST,
                        "malformed_multipart",
                        "The body is not a readable multipart form; send the file as 'file' in multipart/form-data."),
                request);
    }

    /** Postgres is away, or takes too long; it was not said that anything was done. */
    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        RecoverableDataAccessException.class,
        TransactionException.class
    })
    ResponseEntity<Object> handleDatabaseAway(Exception away, WebRequest request) {
        log.error("the database is away at {}: {}", pathOf(request), away.getMessage());
        return handle(Problem.databaseAway(), request);
    }

    private ResponseEntity<Object> handleDiskFull(Exception full, WebRequest request) {
        log.error(
                "no room at {}: {}",
                pathOf(request),
                NestedExceptionUtils.getMostSpecificCause(full).toString());
        return handle(
                new Problem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "disk_full",
                        "The server has no room for this on its disk; nothing of it was kept. Its log says more."),
                request);
    }

    /** Only the system's words tell it from a body that breaks off. */
    private static boolean isDiskFull(Exception fault) {
        String reason =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(fault).getMessage());
        return reason.contains("No space left on device") || reason.contains("Disk quota exceeded");
    }

    @ExceptionHandler
    ResponseEntity<Object> handle(Exception fault, WebRequest request) {
        if (isDiskFull(fault)) {
            return handleDiskFull(fault, request);
        }
        if (request.getAttribute(SlowRequest.ATTRIBUTE, WebRequest.SCOPE_REQUEST) == null) {
            log.error("unexpected fault at {}", pathOf(request), fault);
        }
        return handle(
                new Problem(
                        HttpStatus.INTERNAL_SERVER_ERROR,
                        "internal_error",
                        "The server met a fault of its own; its log says more."),
                request);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (e.getMostSpecificCause() instanceof Problem problem) {
            return handle(problem, request);
        }
        String where = "";
        if (e.getMostSpecificCause() instanceof JacksonException json) {
            var at = json.getLocation(); // null of a limit, such as that of values
            String message = Json.reason(json);
            where = at == null
                    ? " (" + message + ")"
                    : " (line %d, column %d: %s)".formatted(at.getLineNr(), at.getColumnNr(), message);
        }
        return handle(
                new Problem(
                        HttpStatus.BAD_REQUEST, "malformed_json", "The body is absent or not valid JSON" + where + "."),
                request);
    }

    @Override
    protected ResponseEntity<Object> handleMaxUploadSizeExceededException(
            MaxUploadSizeExceededException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handle(
                Problem.limit(
                        HttpStatus.CONTENT_TOO_LARGE,
                        "upload_too_large",
                        "The upload has more bytes than this server takes",
                        "anneal.upload.max-size",
                        e.getMaxUploadSize()),
                request);
    }

    @Override
    protected ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String field = e.getPropertyName() == null ? "parameter" : e.getPropertyName();
        return handle(Problem.invalid(field, "invalid_value", "'" + e.getValue() + "' does not fit."), request);
    }

    /** A plain field of a form that was sent as a file. */
    @Override
    protected ResponseEntity<Object> handleConversionNotSupported(
            ConversionNotSupportedException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String field = e instanceof MethodArgumentConversionNotSupportedException argument
                ? argument.getName()
                : String.valueOf(e.getPropertyName());
        return handle(
                Problem.invalid(field, "invalid_type", "'" + field + "' must be a plain field, not a file."), request);
    }

    /** Spring's firewall looks at a header, and the container at parameters, only when they are read. */
    @ExceptionHandler({RequestRejectedException.class, InvalidParameterException.class})
    ResponseEntity<Object> handleMalformed(RuntimeException refused, WebRequest request) {
        return handle(
                new Problem(HttpStatus.BAD_REQUEST, "bad_request", "The URL or a header of the request is malformed."),
                request);
    }

    /** Whatever else Spring refuses: unknown paths, methods and media types, missing parts and parameters. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception e, Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        HttpStatus known = HttpStatus.valueOf(status.value());
        String detail = body instanceof ProblemDetail spring && spring.getDetail() != null
                ? spring.getDetail()
                : known.getReasonPhrase();
        String code = known == HttpStatus.NOT_FOUND ? "not_found" : known.name().toLowerCase();
        return answer(body(new Problem(known, code, detail), pathOf(request)), headers);
    }

    /** The body of a problem, as the contract's schema {@code Problem} has it. */
    public static ProblemDetail body(Problem problem, String path) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(problem.status(), problem.getMessage());
        body.setType(URI.create("urn:anneal:problem:" + problem.code()));
        body.setTitle(problem.status().getReasonPhrase());
        body.setInstance(instance(path));
        body.setProperty("code", problem.code());
        if (!problem.errors().isEmpty()) {
            body.setProperty(
                    "errors",
                    problem.errors().stream().map(Problems::withoutNulls).toList());
        }
        problem.properties().forEach(body::setProperty);
        return body;
    }

    /** The path as the client sent it, or encoded where it was no URI. */
    private static URI instance(String path) {
        try {
            return path.startsWith("//") ? URI.create("/") : new URI(path);
        } catch (URISyntaxException e) {
            return URI.create(UriUtils.encodePath(path, UTF_8));
        }
    }

    private static Map<String, Object> withoutNulls(Problem.Error error) {
        Map<String, Object> shown = new java.util.LinkedHashMap<>();
        shown.put("field", error.field());
        shown.put("line", error.line());
        shown.put("column", error.column());
        shown.put("code", error.code());
        shown.put("message", error.message());
        shown.values().removeAll(java.util.Collections.singleton(null));
        return shown;
    }

    /** Always a problem, whatever the client said it accepts: an error that cannot be shown helps nobody. */
    private static ResponseEntity<Object> answer(ProblemDetail body, HttpHeaders headers) {
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(body, all, HttpStatus.valueOf(body.getStatus()));
    }

    private static String pathOf(WebRequest request) {
        HttpServletRequest servlet = ((ServletWebRequest) request).getRequest();
        return servlet.getRequestURI();
    }
}
