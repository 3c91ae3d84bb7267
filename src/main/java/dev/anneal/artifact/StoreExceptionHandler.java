package dev.anneal.artifact;

import dev.anneal.web.Problem;
import dev.anneal.web.ProblemExceptionHandler;
import jakarta.servlet.http.HttpServletRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers 503 instead of 500 if the artifact store is unavailable. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class StoreExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(StoreExceptionHandler.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> handle(StoreUnavailableException unavailable, HttpServletRequest request) {
        log.error("the artifact store is unavailable at {}: {}", request.getRequestURI(), unavailable.getMessage());
        Problem problem = unavailable.isTransient()
                ? Problem.storeUnavailable()
                : new Problem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "store_unavailable",
                        "Files in the artifact store are missing or corrupt. See the server log.");
        return ResponseEntity.status(problem.status())
                .header(HttpHeaders.RETRY_AFTER, "5")
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(ProblemExceptionHandler.body(problem, request.getRequestURI()));
    }
}
