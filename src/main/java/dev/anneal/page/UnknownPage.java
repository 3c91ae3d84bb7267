package dev.anneal.page;

import dev.anneal.role.ForRole;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers for addresses of pages that do not exist. Without it a browser, which asks for HTML, got an answer without a body. */
@RestController
@ForRole("api")
class UnknownPage {
    @GetMapping("/ui/{*path}")
    ResponseEntity<String> refuse(HttpServletRequest request) {
        throw new Problem(
                HttpStatus.NOT_FOUND,
                "not_found",
                "There is no page '%s'.".formatted(Problem.quote(request.getRequestURI())));
    }
}
