package dev.anneal.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers with a problem if a request is refused before it reaches a controller. */
@RestController
class ErrorPageController implements ErrorController {
    @RequestMapping("/error")
    ResponseEntity<ProblemDetail> error(HttpServletRequest request) {
        HttpStatus status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
                ? HttpStatus.valueOf(code)
                : HttpStatus.NOT_FOUND;
        String path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String uri ? uri : "/error";
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(ProblemExceptionHandler.body(problem(status, path), path));
    }

    static Problem problem(HttpStatus status, String path) {
        if (status == HttpStatus.REQUEST_TIMEOUT) {
            return SlowRequest.problem();
        }
        if (status == HttpStatus.NOT_FOUND) {
            return Problem.unknownPath(path, "");
        }
        String detail = switch (status) {
            case BAD_REQUEST -> Problem.MALFORMED_REQUEST;
            case INTERNAL_SERVER_ERROR -> Problem.INTERNAL_ERROR;
            default -> status.getReasonPhrase() + ". Check the URL and the headers of the request.";
        };
        return new Problem(status, status.name().toLowerCase(), detail);
    }
}
