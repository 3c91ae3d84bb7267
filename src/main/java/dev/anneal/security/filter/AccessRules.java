package dev.anneal.security.filter;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import dev.anneal.security.PathSuggestion;
import dev.anneal.security.RequiredRole;
import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Checks each request against the table of operations, and answers refused ones with the role that is required. */
final class AccessRules implements AuthenticationEntryPoint, AccessDeniedHandler {
    static final AuthorizationManager<RequestAuthorizationContext> TABLE = (who, context) -> {
        HttpServletRequest request = context.getRequest();
        Caller caller = AuthenticationResult.of(request).caller();
        return new AuthorizationDecision(OperationPermissions.of(request)
                .map(Operation::need)
                .filter(need -> caller == null ? need == RequiredRole.nothing : need.allows(caller))
                .isPresent());
    };

    /** Answers a request without a valid key or token. A path outside of the API may not exist for anybody. */
    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException refused)
            throws IOException {
        String path = request.getRequestURI();
        if (!path.startsWith("/api") && OperationPermissions.methods(request).isEmpty()) {
            ProblemWriter.write(Problem.unknownPath(path, PathSuggestion.of(path)), request, response);
            return;
        }
        Problem problem =
                Objects.requireNonNull(AuthenticationResult.of(request).refusal());
        if (problem.status() == HttpStatus.UNAUTHORIZED) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        } else if (problem.status() == HttpStatus.TOO_MANY_REQUESTS) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "1");
        }
        ProblemWriter.write(problem, request, response);
    }

    /** Answers a caller who lacks the required role, or a request to a path or method that does not exist. */
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException refused)
            throws IOException {
        Optional<Operation> operation = OperationPermissions.of(request);
        Set<HttpMethod> methods = OperationPermissions.methods(request);
        if (operation.isPresent()) {
            ProblemWriter.write(roleMissing(operation.get(), Caller.current()), request, response);
        } else if (methods.isEmpty()) {
            String path = request.getRequestURI();
            ProblemWriter.write(Problem.unknownPath(path, PathSuggestion.of(path)), request, response);
        } else {
            String allowed = methods.stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
            response.setHeader(HttpHeaders.ALLOW, allowed);
            ProblemWriter.write(
                    new Problem(
                            HttpStatus.METHOD_NOT_ALLOWED,
                            "method_not_allowed",
                            "The path '%s' does not have the method '%s'. Use one of: %s."
                                    .formatted(
                                            Problem.quote(request.getRequestURI()),
                                            Problem.quote(request.getMethod()),
                                            allowed)),
                    request,
                    response);
        }
    }

    private static Problem roleMissing(Operation operation, Caller caller) {
        return operation.need().missing("This call", caller);
    }
}
