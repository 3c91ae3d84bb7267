package dev.anneal.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.web.util.HtmlUtils;

/** A browser without scripts: it keeps cookies, sends forms as browsers do, and follows links. */
class Browser {
    private static final String SESSION = "anneal_session";
    static final Pattern FORM = Pattern.compile("<form([^>]*)>(.*?)</form>", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("href=\"(/ui[^\"]*)\"");
    private static final Pattern TOKEN = Pattern.compile("name=\"_form\" value=\"([^\"]*)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String base;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    Browser(String base) {
        this.base = base;
    }

    String cookie() {
        return cookies.get(SESSION);
    }

    void setCookie(String cookie) {
        cookies.put(SESSION, cookie);
    }

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    /** Sends a form that a page shows, with its token. */
    HttpResponse<String> post(String path, Map<String, String> fields, String... headers) {
        return send("POST", path, fields, headers);
    }

    /** Sends a request and does not wait for its answer. */
    CompletableFuture<HttpResponse<String>> start(String path) {
        return HTTP.sendAsync(request("GET", path, null), BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path, Map<String, String> fields, String... headers) {
        try {
            HttpResponse<String> answer = HTTP.send(request(method, path, fields, headers), BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(this::keep);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest request(String method, String path, Map<String, String> fields, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .collect(Collectors.joining("; ")));
        }
        if (fields != null) {
            request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        String body = fields == null
                ? null
                : fields.entrySet().stream()
                        .map(field ->
                                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
    }

    private void keep(String header) {
        Matcher cookie = Pattern.compile("^([a-z_]+)=([^;]*)").matcher(header);
        assertThat(cookie.find()).as(header).isTrue();
        if (cookie.group(2).isEmpty()) {
            cookies.remove(cookie.group(1));
        } else {
            cookies.put(cookie.group(1), cookie.group(2));
        }
    }

    /** Signs in as a person would: opens the form and sends it. */
    HttpResponse<String> signIn(String key) {
        String token = token(get("/ui/sign-in").body());
        return post("/ui/sign-in", Map.of("_form", token, "key", key), "Origin", base);
    }

    /** Returns the token of the forms of the home page. */
    String token() {
        return token(get("/ui").body());
    }

    static String token(String page) {
        Matcher token = TOKEN.matcher(page);
        assertThat(token.find()).as(page).isTrue();
        return token.group(1);
    }

    /** Returns all pages that links lead to, by their paths. */
    Map<String, String> crawl() {
        Map<String, String> pages = new LinkedHashMap<>();
        Deque<String> next = new ArrayDeque<>();
        next.add("/ui");
        while (!next.isEmpty()) {
            String path = next.remove();
            if (pages.containsKey(path)) {
                continue;
            }
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            pages.put(path, answer.body());
            assertThat(pages).hasSizeLessThan(200);
            Matcher link = LINK.matcher(answer.body());
            while (link.find()) {
                String href = HtmlUtils.htmlUnescape(link.group(1));
                if (!href.startsWith("/ui/api/")) {
                    next.add(href);
                }
            }
        }
        return pages;
    }

    /** Opens an event stream. */
    InputStream stream(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Accept", "text/event-stream")
                .header("Cookie", "anneal_session=" + cookie())
                .build();
        HttpResponse<InputStream> answer = HTTP.send(request, BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    String base() {
        return base;
    }
}
