package dev.anneal.page.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.page.session.Refusals;
import dev.anneal.role.ForRole;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Shows a problem as a page, in the words of the API. */
@RestControllerAdvice(basePackages = "dev.anneal.page")
@ForRole("api")
@Order(Ordered.HIGHEST_PRECEDENCE)
class RefusedPages implements Refusals {
    @ExceptionHandler
    ResponseEntity<String> handle(Problem problem) {
        ResponseEntity<String> page = Frame.page(
                title(problem.status()),
                "",
                html -> html.element("p", Objects.requireNonNull(problem.getMessage()), "class", "fault")
                        .open("p")
                        .element("a", "Go to the home page", "href", "/ui")
                        .close("p"));
        return ResponseEntity.status(problem.status())
                .headers(page.getHeaders())
                .body(page.getBody());
    }

    /** A filter calls this, before Spring knows the request. */
    @Override
    public void write(Problem problem, HttpServletRequest request, HttpServletResponse response) throws IOException {
        RequestAttributes before = RequestContextHolder.getRequestAttributes();
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request, response));
        try {
            ResponseEntity<String> page = handle(problem);
            response.setStatus(page.getStatusCode().value());
            response.setContentType("text/html;charset=UTF-8");
            response.getOutputStream()
                    .write(Objects.requireNonNull(page.getBody()).getBytes(UTF_8));
        } finally {
            RequestContextHolder.setRequestAttributes(before);
        }
    }

    private static String title(HttpStatus status) {
        return switch (status) {
            case NOT_FOUND -> "Not found";
            case FORBIDDEN -> "Not allowed";
            case SERVICE_UNAVAILABLE -> "Not available now";
            default -> "The request failed";
        };
    }
}
