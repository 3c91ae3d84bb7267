package dev.anneal.security.filter;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import dev.anneal.security.token.Tokens;
import dev.anneal.web.Problem;
import dev.anneal.web.RateLimitKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Reads {@code Authorization: Bearer <key or token>}. Without a valid one the caller is anonymous and is refused later. */
class AuthenticationFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(AuthenticationFilter.class);

    private final KeyReader keys;
    private final Tokens tokens;

    AuthenticationFilter(KeyReader keys, Tokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // A request of the page has a session, which was read before.
        AuthenticationResult result = AuthenticationResult.ifRead(request).orElseGet(() -> read(request));
        result.keepIn(request);
        if (result.caller() != null) {
            RateLimitKey.keepProject(request, result.caller().project());
            SecurityContextHolder.getContext()
                    .setAuthentication(
                            UsernamePasswordAuthenticationToken.authenticated(result.caller(), null, List.of()));
        }
        chain.doFilter(request, response);
    }

    private AuthenticationResult read(HttpServletRequest request) {
        if (request.getQueryString() != null && request.getQueryString().matches("(?i)(.*&)?access_token(=.*)?")) {
            return AuthenticationResult.refused(
                    new Problem(
                            HttpStatus.BAD_REQUEST,
                            "key_in_url",
                            "The URL contains a key. URLs are logged, so send the header 'Authorization: Bearer <key>' instead."));
        }
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null) {
            return AuthenticationResult.refused(new Problem(
                    HttpStatus.UNAUTHORIZED,
                    "missing_key",
                    "The request has no key. Send the header 'Authorization: Bearer <key>'."
                            + " The admin key is in <data>/admin.key on the server."));
        }
        String fault = AuthorizationHeader.fault(header);
        if (fault != null) {
            return AuthenticationResult.refused(new Problem(HttpStatus.UNAUTHORIZED, "invalid_authorization", fault));
        }
        String secret = AuthorizationHeader.secret(header);
        String project = Caller.named(request);
        try {
            // Tokens are not limited: each is new, so wrong keys from the same proxy would block valid tokens.
            return tokens.isToken(secret)
                    ? tokens.read(secret, project)
                    : keys.read(secret, project, request.getRemoteAddr());
        } catch (Problem tooMany) {
            return AuthenticationResult.refused(tooMany);
        } catch (DataAccessException | TransactionException gone) {
            log.error("cannot look up a key: {}", gone.getMessage());
            return AuthenticationResult.refused(Problem.databaseUnavailable());
        }
    }
}
