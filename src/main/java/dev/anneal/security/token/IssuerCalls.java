package dev.anneal.security.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;

/**
 * Calls of the token issuer. Each answer must arrive within five seconds and have at most one MiB. The operator names the issuer, so
 * its address may be a private one, unlike an address that a user names.
 */
final class IssuerCalls {
    private static final int MAX_BYTES = 1 << 20;

    /** The statuses with which issuers refuse a code. */
    private static final Set<Integer> REFUSALS = Set.of(400, 403);

    private static final JdkClientHttpRequestFactory HTTP = new JdkClientHttpRequestFactory();

    static {
        HTTP.setReadTimeout(Duration.ofSeconds(5)); // from the connection to the end of the body
    }

    private IssuerCalls() {}

    /** Thrown when the issuer refuses a request. */
    static final class RefusedException extends IOException {
        RefusedException(String message) {
            super(message);
        }
    }

    /** Returns what an issuer says about itself. */
    static Map<String, Object> metadata(String issuer) throws IOException, ParseException {
        Map<String, Object> metadata =
                JSONObjectUtils.parse(get(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration"));
        if (!issuer.equals(metadata.get("issuer"))) {
            throw new IOException("its openid-configuration names another issuer");
        }
        return metadata;
    }

    /** Returns an address in what an issuer says about itself. */
    static String address(Map<String, Object> metadata, String name) throws IOException {
        if (!(metadata.get(name) instanceof String address)) {
            throw new IOException("its openid-configuration names no " + name);
        }
        return address;
    }

    static String get(String uri) throws IOException {
        ClientHttpRequest request = HTTP.createRequest(URI.create(uri), HttpMethod.GET);
        request.getHeaders().set("Accept", "application/json, application/jwk-set+json");
        return body(request, uri);
    }

    /** Sends a form. {@code authorization} is the header of that name, if any. */
    static String post(String uri, Map<String, String> form, @Nullable String authorization) throws IOException {
        ClientHttpRequest request = HTTP.createRequest(URI.create(uri), HttpMethod.POST);
        request.getHeaders().set("Accept", "application/json");
        request.getHeaders().set("Content-Type", "application/x-www-form-urlencoded");
        if (authorization != null) {
            request.getHeaders().set("Authorization", authorization);
        }
        request.getBody().write(query(form).getBytes(StandardCharsets.UTF_8));
        return body(request, uri);
    }

    /** Returns names and values as in the query of a URL. */
    static String query(Map<String, String> values) {
        return values.entrySet().stream()
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String body(ClientHttpRequest request, String uri) throws IOException {
        try (ClientHttpResponse response = request.execute()) {
            byte[] body = response.getBody().readNBytes(MAX_BYTES + 1);
            if (!response.getStatusCode().is2xxSuccessful() || body.length > MAX_BYTES) {
                String fault = uri + " answered " + response.getStatusCode() + " with " + body.length + " bytes";
                throw REFUSALS.contains(response.getStatusCode().value())
                        ? new RefusedException(fault)
                        : new IOException(fault);
            }
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}
