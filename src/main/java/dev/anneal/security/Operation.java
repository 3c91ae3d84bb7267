package dev.anneal.security;

import org.springframework.http.HttpMethod;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** An operation of the contract by its {@code operationId}, who may call it, and whether it changes anything. */
public record Operation(String id, HttpMethod method, PathPattern path, RequiredRole need, boolean changes) {
    static Operation reads(String id, String method, String path, RequiredRole need) {
        return new Operation(
                id, HttpMethod.valueOf(method), PathPatternParser.defaultInstance.parse(path), need, false);
    }

    static Operation changes(String id, String method, String path, RequiredRole need) {
        return new Operation(id, HttpMethod.valueOf(method), PathPatternParser.defaultInstance.parse(path), need, true);
    }
}
