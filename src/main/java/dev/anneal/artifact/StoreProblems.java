package dev.anneal.artifact;

import dev.anneal.web.Problem;
import dev.anneal.web.Problems;
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

/** A store that is away is told as that, not as a fault of the server. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class StoreProblems {
    private static final Logger log = LoggerFactory.getLogger(StoreProblems.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> handle(StoreUnavailableException away, HttpServletRequest request) {
        log.error("the artifact store is away at {}: {}", request.getRequestURI(), away.getMessage());
        Problem problem = new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The server does not reach its files, or they are not whole; try again. Its log says more.");
        return ResponseEntity.status(problem.status())
                .header(HttpHeaders.RETRY_AFTER, "5")
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(Problems.body(problem, request.getRequestURI()));
    }
}
