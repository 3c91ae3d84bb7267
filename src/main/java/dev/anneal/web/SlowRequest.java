package dev.anneal.web;

import org.springframework.http.HttpStatus;

/** The answer to a request whose body arrives too slowly, and the attribute that marks such a request. */
public final class SlowRequest {
    public static final String ATTRIBUTE = SlowRequest.class.getName();

    private SlowRequest() {}

    public static Problem problem() {
        return new Problem(
                HttpStatus.REQUEST_TIMEOUT,
                "body_too_slow",
                "The request body arrived too slowly (anneal.request.slow-after, anneal.request.min-bytes-per-second).");
    }
}
