package dev.anneal.security;

import dev.anneal.web.Problem;
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

/** Reads {@code Authorization: Bearer <key or token>}; who sends no good one stays anonymous and is refused further on. */
class CallerFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(CallerFilter.class);
    private static final String SCHEME = "Bearer ";

    private final ApiKeys keys;
    private final Tokens tokens;
    private final FailedAuthLimiter wrong;

    CallerFilter(ApiKeys keys, Tokens tokens, FailedAuthLimiter wrong) {
        this.keys = keys;
        this.tokens = tokens;
        this.wrong = wrong;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        AuthenticationResult presented = read(request);
        presented.keepIn(request);
        if (presented.caller() != null) {
            SecurityContextHolder.getContext()
                    .setAuthentication(
                            UsernamePasswordAuthenticationToken.authenticated(presented.caller(), null, List.of()));
        }
        chain.doFilter(request, response);
    }

    private AuthenticationResult read(HttpServletRequest request) {
        if (request.getQueryString() != null && request.getQueryString().matches("(?i)(.*&)?access_token(=.*)?")) {
            return AuthenticationResult.refused(new Problem(
                    HttpStatus.BAD_REQUEST,
                    "key_in_url",
                    "A key may not stand in the URL, which ends up in logs; send 'Authorization: Bearer <key>'."));
        }
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null) {
            return AuthenticationResult.refused(new Problem(
                    HttpStatus.UNAUTHORIZED,
                    "missing_key",
                    "Send a key: 'Authorization: Bearer <key>'. The admin key stands in <data>/admin.key."));
        }
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return AuthenticationResult.refused(ApiKeys.unknown());
        }
        String secret = header.substring(SCHEME.length()).strip();
        String project = Caller.named(request);
        try {
            // Tokens change all the time: new ones would be held up by what others send from a proxy's address.
            return tokens.isToken(secret)
                    ? tokens.read(secret, project)
                    : readKey(secret, project, request.getRemoteAddr());
        } catch (Problem tooMany) {
            return AuthenticationResult.refused(tooMany);
        } catch (DataAccessException | TransactionException gone) {
            log.error("a key cannot be looked up: {}", gone.getMessage());
            return AuthenticationResult.refused(Problem.databaseAway());
        }
    }

    private AuthenticationResult readKey(String secret, String project, String address) {
        wrong.check(address, secret);
        AuthenticationResult presented = keys.read(secret, project);
        if (presented.caller() != null) {
            wrong.wasGood(secret);
        } else if (presented.subject() == null) {
            wrong.wasWrong(address);
        }
        return presented;
    }
}
