package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.files.NoRoomException;
import dev.anneal.json.Json;
import dev.anneal.log.OutOfMemory;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
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
import org.springframework.util.ClassUtils;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentConversionNotSupportedException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.util.UriUtils;
import tools.jackson.core.JacksonException;

/**
 * Renders every exception as problem details (RFC 9457): a {@link Problem} as it is, an exception of Spring with a code, and
 * any other without detail.
 */
@RestControllerAdvice
public class ProblemExceptionHandler extends ResponseEntityExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(ProblemExceptionHandler.class);

    @ExceptionHandler
    ResponseEntity<Object> handle(Problem thrown, WebRequest request) {
        // The reader of a body that came too slowly may have thrown something else.
        boolean slow = request.getAttribute(SlowRequest.ATTRIBUTE, WebRequest.SCOPE_REQUEST) != null;
        HttpServletResponse response = ((ServletWebRequest) request).getResponse();
        // Tomcat calls the response to a body that came too slowly committed, too.
        if (!slow && response != null && response.isCommitted()) {
            throw thrown; // closes the connection: a problem after a part of a file would look like its end
        }
        Problem problem = slow ? SlowRequest.problem() : thrown;
        HttpHeaders headers = new HttpHeaders();
        if (problem.retrySeconds() > 0) {
            headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(problem.retrySeconds()));
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
                        malformedForm(((ServletWebRequest) request).getRequest().getContentType())),
                request);
    }

    private static String malformedForm(@Nullable String contentType) {
        return contentType != null && !contentType.contains("boundary=")
                ? "The Content-Type 'multipart/form-data' has no boundary. Let your HTTP client set this header, together with the form."
                : "The body is not a valid multipart form, or it ends early. Send the file as the field 'file' in multipart/form-data.";
    }

    /** Postgres is unavailable or too slow. The client has not been told that anything was done. */
    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        RecoverableDataAccessException.class,
        TransactionException.class
    })
    ResponseEntity<Object> handleDatabaseUnavailable(Exception failure, WebRequest request) {
        log.error("the database is unavailable at {}: {}", pathOf(request), failure.getMessage());
        return handle(Problem.databaseUnavailable(), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> handle(NoRoomException full, WebRequest request) {
        return handleDiskFull(full, request);
    }

    private ResponseEntity<Object> handleDiskFull(Exception full, WebRequest request) {
        log.error(
                "the disk is full at {}: {}",
                pathOf(request),
                NestedExceptionUtils.getMostSpecificCause(full).toString());
        return handle(Problem.diskFull(), request);
    }

    /** Only the text of the system error distinguishes a full disk from a body that ends early. */
    private static boolean isDiskFull(Exception fault) {
        String reason =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(fault).getMessage());
        return reason.contains("No space left on device") || reason.contains("Disk quota exceeded");
    }

    @ExceptionHandler
    ResponseEntity<Object> handle(Exception fault, WebRequest request) {
        OutOfMemory.endIf(fault);
        if (isDiskFull(fault)) {
            return handleDiskFull(fault, request);
        }
        if (request.getAttribute(SlowRequest.ATTRIBUTE, WebRequest.SCOPE_REQUEST) == null) {
            log.error("unexpected error at {}", pathOf(request), fault);
        }
        return handle(new Problem(HttpStatus.INTERNAL_SERVER_ERROR, "internal_error", Problem.INTERNAL_ERROR), request);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (e.getMostSpecificCause() instanceof Problem problem) {
            return handle(problem, request);
        }
        return handle(
                new Problem(HttpStatus.BAD_REQUEST, "malformed_json", malformedJson(e.getMostSpecificCause())),
                request);
    }

    private static String malformedJson(Throwable cause) {
        if (!(cause instanceof JacksonException json)) {
            return "The body is missing. Send JSON.";
        }
        var at = json.getLocation(); // absent if a limit was exceeded, such as the number of values
        return at == null
                ? "The JSON in the body is too large: %s.".formatted(Json.reason(json))
                : "The body is not valid JSON (line %d, column %d): %s."
                        .formatted(at.getLineNr(), at.getColumnNr(), Json.reason(json));
    }

    @Override
    protected ResponseEntity<Object> handleHttpMediaTypeNotSupported(
            HttpMediaTypeNotSupportedException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String came = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return handle(MediaTypes.unsupported(came, e.getSupportedMediaTypes()), request);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMediaTypeNotAcceptable(
            HttpMediaTypeNotAcceptableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return handle(MediaTypes.notAcceptable(accept, e.getSupportedMediaTypes()), request);
    }

    @Override
    protected ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String field = String.valueOf(e.getPropertyName());
        boolean header = false;
        if (e instanceof MethodArgumentTypeMismatchException argument) {
            RequestHeader named = argument.getParameter().getParameterAnnotation(RequestHeader.class);
            header = named != null;
            field = named == null ? argument.getName() : named.name();
        }
        boolean whole = e.getRequiredType() != null && Number.class.isAssignableFrom(boxed(e.getRequiredType()));
        return handle(
                Problem.invalid(
                        field,
                        "invalid_value",
                        "%s'%s' is '%s'. It must be %s."
                                .formatted(
                                        header ? "The header " : "",
                                        field,
                                        Problem.quote(e.getValue()),
                                        whole ? "a whole number" : "another kind of value")),
                request);
    }

    private static Class<?> boxed(Class<?> type) {
        return ClassUtils.resolvePrimitiveIfNecessary(type);
    }

    /** Handles a plain field of a form that was sent as a file. */
    @Override
    protected ResponseEntity<Object> handleConversionNotSupported(
            ConversionNotSupportedException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String field = e instanceof MethodArgumentConversionNotSupportedException argument
                ? argument.getName()
                : String.valueOf(e.getPropertyName());
        return handle(
                Problem.invalid(field, "invalid_type", "'" + field + "' must be a plain field, not a file."), request);
    }

    /** Handles malformed headers and parameters, which Spring's firewall and Tomcat check only when they are read. */
    @ExceptionHandler({RequestRejectedException.class, InvalidParameterException.class})
    ResponseEntity<Object> handleMalformed(RuntimeException refused, WebRequest request) {
        return handle(new Problem(HttpStatus.BAD_REQUEST, "bad_request", Problem.MALFORMED_REQUEST), request);
    }

    /** Handles all else that Spring refuses: unknown paths, methods and media types, missing parts and parameters. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        HttpStatus known = HttpStatus.valueOf(status.value());
        String detail = body instanceof ProblemDetail spring && spring.getDetail() != null
                ? spring.getDetail()
                : known.getReasonPhrase();
        Problem problem = known == HttpStatus.NOT_FOUND
                ? Problem.unknownPath(pathOf(request), "")
                : new Problem(known, known.name().toLowerCase(), detail);
        return answer(body(problem, pathOf(request)), headers);
    }

    /** Returns the body of a problem, the schema {@code Problem} of the contract. */
    public static ProblemDetail body(Problem problem, String path) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(problem.status(), problem.getMessage());
        body.setType(URI.create("urn:anneal:problem:" + problem.code()));
        body.setTitle(problem.status().getReasonPhrase());
        body.setInstance(instance(path));
        body.setProperty("code", problem.code());
        if (!problem.errors().isEmpty()) {
            body.setProperty(
                    "errors",
                    problem.errors().stream()
                            .map(ProblemExceptionHandler::withoutNulls)
                            .toList());
        }
        problem.properties().forEach(body::setProperty);
        return body;
    }

    /** Returns the path as the client sent it, or encoded if it is not a valid URI. */
    private static URI instance(String path) {
        try {
            return path.startsWith("//") ? URI.create("/") : new URI(path);
        } catch (URISyntaxException e) {
            return URI.create(UriUtils.encodePath(path, UTF_8));
        }
    }

    private static Map<String, @Nullable Object> withoutNulls(Problem.Error error) {
        Map<String, @Nullable Object> shown = new java.util.LinkedHashMap<>();
        shown.put("field", error.field());
        shown.put("line", error.line());
        shown.put("column", error.column());
        shown.put("code", error.code());
        shown.put("message", error.message());
        shown.values().removeAll(java.util.Collections.singleton(null));
        return shown;
    }

    /** Ignores the Accept header: a client that accepts no problem details still needs the error. */
    private static ResponseEntity<Object> answer(ProblemDetail body, HttpHeaders headers) {
        ProblemCounter.count(body);
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(body, all, HttpStatus.valueOf(body.getStatus()));
    }

    private static String pathOf(WebRequest request) {
        HttpServletRequest servlet = ((ServletWebRequest) request).getRequest();
        return servlet.getRequestURI();
    }
}
