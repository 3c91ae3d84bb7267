package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.text.Suggest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Refuses what an operation would ignore: query parameters that it does not have, parameters that occur twice, and the body
 * of a request to an operation without one. An ignored `after` or `publish` would be a wrong answer without an error.
 */
@Configuration(proxyBeanMethods = false)
class QueryParameters implements WebMvcConfigurer, HandlerInterceptor {
    /** The parameters and the body that an operation reads. Two methods of a controller share an operation if only the media types differ. */
    private record Known(Set<String> query, Set<String> form, boolean body) {}

    // Many clients send an empty object with each POST. It says nothing, so nothing is ignored.
    private static final int EMPTY_OBJECT = 2;

    private final ObjectProvider<RequestMappingHandlerMapping> mappings;
    private final Map<String, Known> operations = new ConcurrentHashMap<>();

    QueryParameters(ObjectProvider<RequestMappingHandlerMapping> mappings) {
        this.mappings = mappings;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/api/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        if (handler instanceof HandlerMethod && pattern != null) {
            String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
            Known known =
                    operations.computeIfAbsent(method + " " + pattern, key -> known(method, String.valueOf(pattern)));
            checkNames(request.getQueryString(), known);
            checkBody(request, known);
        }
        return true;
    }

    private static void checkNames(@Nullable String query, Known known) {
        List<Problem.Error> errors = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String name : names(query)) {
            String shown = Problem.quote(name);
            if (!known.query.contains(name)) {
                errors.add(Problem.Error.field(shown, "unknown_parameter", unknown(name, known)));
            } else if (!seen.add(name)) {
                errors.add(Problem.Error.field(
                        shown, "unknown_parameter", "The URL has '%s' twice. Send it once.".formatted(shown)));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }

    private static String unknown(String name, Known known) {
        String shown = Problem.quote(name);
        if (known.form.contains(name)) {
            return "'%s' is a field of the form, not a query parameter. Send it in the form.".formatted(shown);
        }
        String operation = known.query.isEmpty()
                ? "This operation has no query parameters. "
                        + (!known.form.isEmpty()
                                ? "Send it in the form."
                                : known.body ? "Send fields in the body." : "Remove '%s'.".formatted(shown))
                : "Query parameters of this operation: " + String.join(", ", known.query) + "."
                        + Suggest.nearest(name, known.query);
        return "Unknown query parameter '%s'. %s".formatted(shown, operation);
    }

    private static void checkBody(HttpServletRequest request, Known known) throws IOException {
        if (!known.body && known.form.isEmpty() && length(request) > EMPTY_OBJECT) {
            throw new Problem(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "unexpected_body",
                    "This operation reads no body. Send the request without one."
                            + (known.query.isEmpty()
                                    ? ""
                                    : " It has the query parameters " + String.join(", ", known.query) + "."));
        }
    }

    /** Returns the length of the body. Many clients announce none, for an empty body too; then it reads no more than is needed. */
    private static long length(HttpServletRequest request) throws IOException {
        return request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null
                ? request.getContentLengthLong()
                : request.getInputStream().readNBytes(EMPTY_OBJECT + 1).length;
    }

    private static List<String> names(@Nullable String query) {
        List<String> names = new ArrayList<>();
        for (String pair : StringUtils.tokenizeToStringArray(query, "&")) {
            String name = pair.split("=", 2)[0];
            if (name.isEmpty()) {
                throw new Problem(
                        HttpStatus.BAD_REQUEST,
                        "bad_request",
                        "The URL has a query parameter without a name. Write NAME=VALUE.");
            }
            try {
                names.add(URLDecoder.decode(name, UTF_8));
            } catch (IllegalArgumentException malformed) {
                names.add(name);
            }
        }
        return names;
    }

    private Known known(String method, String pattern) {
        Set<String> query = new TreeSet<>();
        Set<String> form = new TreeSet<>();
        boolean body = false;
        for (RequestMappingHandlerMapping mapping : mappings) {
            for (var entry : mapping.getHandlerMethods().entrySet()) {
                RequestMappingInfo info = entry.getKey();
                if (info.getMethodsCondition().getMethods().contains(RequestMethod.resolve(method))
                        && info.getPatternValues().contains(pattern)) {
                    boolean multipart = info.getConsumesCondition().getConsumableMediaTypes().stream()
                            .anyMatch(MediaType.MULTIPART_FORM_DATA::includes);
                    for (MethodParameter parameter : entry.getValue().getMethodParameters()) {
                        parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
                        body |= parameter.hasParameterAnnotation(RequestBody.class);
                        RequestParam named = parameter.getParameterAnnotation(RequestParam.class);
                        if (named != null) {
                            String name =
                                    StringUtils.hasText(named.name()) ? named.name() : parameter.getParameterName();
                            (multipart ? form : query).add(String.valueOf(name));
                        }
                    }
                }
            }
        }
        return new Known(query, form, body);
    }
}
