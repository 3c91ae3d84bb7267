package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** The answer with a page for browsers. */
public final class HtmlPage {
    private static final MediaType HTML = new MediaType("text", "html", UTF_8);

    private HtmlPage() {}

    /** Returns the answer. Its content security policy replaces that of {@link SecurityHeaders}, which allows nothing. */
    public static ResponseEntity<String> of(String html, String policy, HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", policy + "; frame-ancestors 'none'");
        return ResponseEntity.ok().contentType(HTML).body(html);
    }
}
