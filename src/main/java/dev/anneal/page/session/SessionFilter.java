package dev.anneal.page.session;

import dev.anneal.role.ForRole;
import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import dev.anneal.security.RequiredRole;
import dev.anneal.security.filter.FailedAuthLimiter;
import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import dev.anneal.web.limit.PageForms;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Gives the requests of the page their caller. It runs before all other filters, so that a call below {@code /ui/api} is, once its
 * prefix is removed, a call of the API like any other: the same role, limits, audit and answer.
 */
@Component
@ForRole("api")
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class SessionFilter extends OncePerRequestFilter {
    static final String ROOT = "/ui";
    static final String SIGN_IN = ROOT + "/sign-in";

    /** Marks a request that a page makes by itself, so that an open page does not keep a session alive. */
    private static final String BY_ITSELF = "Anneal-Poll";

    private static final Logger log = LoggerFactory.getLogger(SessionFilter.class);
    private static final PathPattern PAGES = PathPatternParser.defaultInstance.parse(ROOT + "/**");
    private static final PathPattern API = PathPatternParser.defaultInstance.parse(ROOT + "/api/**");

    private final Sessions sessions;
    private final Refusals refusals;
    private final PageForms forms;
    private final FailedAuthLimiter failures;

    SessionFilter(Sessions sessions, Refusals refusals, PageForms forms, FailedAuthLimiter failures) {
        this.sessions = sessions;
        this.refusals = refusals;
        this.forms = forms;
        this.failures = failures;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (path.value().equals("/") && accept != null && accept.contains("text/html")) {
            response.sendRedirect(ROOT);
        } else if (!PAGES.matches(path)) {
            chain.doFilter(request, response);
        } else if (API.matches(path)) {
            callApi(path.subPath(2).value(), request, response, chain);
        } else {
            showPage(path.value(), request, response, chain);
        }
    }

    private void callApi(String path, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            FormGuard.checkOrigin(request);
            Session session = find(request)
                    .orElseThrow(() -> new Problem(
                            HttpStatus.UNAUTHORIZED, "signed_out", "Your session has ended. Sign in again."));
            if (FormGuard.isChange(request)) {
                FormGuard.checkToken(session.secret(), request.getHeader(FormGuard.HEADER));
            }
            session.who().keepIn(request);
            String project = session.caller().serverAdmin() ? session.caller().project() : null;
            chain.doFilter(new GatewayRequest(request, path, project), response);
        } catch (Problem refused) {
            ProblemWriter.write(refused, request, response);
        }
    }

    private void showPage(String path, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            FormGuard.checkOrigin(request);
            // During a sign-in the cookie stands for no session yet.
            boolean isSignIn = path.equals(SIGN_IN) || path.startsWith(SIGN_IN + "/");
            Optional<Session> session = isSignIn ? Optional.empty() : find(request);
            session.ifPresent(found -> found.keepIn(request));
            Operation operation = OperationPermissions.of(request).orElseThrow(() -> unknown(request));
            if (session.isEmpty() && operation.need() != RequiredRole.nothing) {
                askToSignIn(request, response);
                return;
            }
            if (FormGuard.isChange(request)) {
                String caller = session.map(found -> found.caller().subject()).orElse(null);
                FormGuard.checkToken(SessionCookie.of(request), forms.field(request, FormGuard.FIELD, caller));
            }
        } catch (Problem refused) {
            refusals.write(refused, request, response);
            return;
        }
        chain.doFilter(request, response);
    }

    private static Problem unknown(HttpServletRequest request) {
        return new Problem(
                HttpStatus.NOT_FOUND,
                "not_found",
                "There is no page '%s' for %s."
                        .formatted(Problem.quote(request.getRequestURI()), Problem.quote(request.getMethod())));
    }

    /** Returns the session of the cookie. Throws a problem if the address has sent too many cookies of no session. */
    private Optional<Session> find(HttpServletRequest request) {
        String secret = SessionCookie.of(request);
        if (secret == null) {
            return Optional.empty();
        }
        String address = "page " + request.getRemoteAddr(); // it does not share its count with the keys of the API
        failures.check(address, secret);
        try {
            Optional<Session> session = sessions.find(secret, isUse(request));
            session.ifPresentOrElse(found -> failures.succeeded(secret), () -> failures.failed(address, secret));
            return session;
        } catch (DataAccessException | TransactionException gone) {
            log.error("cannot look up a session: {}", gone.getMessage());
            throw Problem.databaseUnavailable();
        }
    }

    /** Returns false for a request that an open page makes by itself: one that is marked, or a stream, which a script opens again. */
    private static boolean isUse(HttpServletRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        boolean isStream = request.getMethod().equals("GET")
                && accept != null
                && accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE);
        return !isStream && request.getHeader(BY_ITSELF) == null;
    }

    /** Leads to the sign-in, and from there back to the page. */
    private static void askToSignIn(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String query = request.getQueryString();
        String page = request.getRequestURI() + (query == null ? "" : "?" + query);
        String target = FormGuard.isChange(request)
                ? SIGN_IN
                : SIGN_IN + "?then=" + URLEncoder.encode(page, StandardCharsets.UTF_8);
        if (request.getHeader("HX-Request") != null) {
            response.setHeader("HX-Redirect", target);
            response.setStatus(HttpStatus.UNAUTHORIZED.value());
        } else {
            response.sendRedirect(target, HttpStatus.SEE_OTHER.value());
        }
    }
}
