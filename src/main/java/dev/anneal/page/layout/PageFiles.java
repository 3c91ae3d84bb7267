package dev.anneal.page.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.role.ForRole;
import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import dev.anneal.web.Webjar;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The style sheets and scripts of the page. A URL has the hash of its file, so browsers keep the file until it changes. */
@RestController
@ForRole("api")
public class PageFiles {
    private static final MediaType CSS = new MediaType("text", "css", UTF_8);
    private static final MediaType JAVASCRIPT = new MediaType("text", "javascript", UTF_8);
    private static final String NPM = "org.webjars.npm";

    private static final Map<String, Resource> FILES = Map.of(
            "ui.css",
            new ClassPathResource("pages/ui.css"),
            "ui.js",
            new ClassPathResource("pages/ui.js"),
            "statistics.js",
            new ClassPathResource("pages/statistics.js"),
            "playground.js",
            new ClassPathResource("pages/playground.js"),
            "compare.js",
            new ClassPathResource("pages/compare.js"),
            "newjob.js",
            new ClassPathResource("pages/newjob.js"),
            "charts.js",
            new ClassPathResource("pages/charts.js"),
            "htmx.js",
            Webjar.file(NPM, "htmx.org", "dist/htmx.min.js"),
            "uplot.js",
            Webjar.file(NPM, "uplot", "dist/uPlot.iife.min.js"),
            "uplot.css",
            Webjar.file(NPM, "uplot", "dist/uPlot.min.css"));

    private static final Map<String, String> URLS = FILES.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, file -> url(file.getKey(), file.getValue())));

    PageFiles() {}

    /** Returns the URL of a file, which must exist. */
    static String url(String name) {
        String url = URLS.get(name);
        if (url == null) {
            throw new IllegalArgumentException("no file " + name);
        }
        return url;
    }

    private static String url(String name, Resource file) {
        try {
            return "/files/" + name + "?v="
                    + Sha256.of(file.getContentAsString(UTF_8)).substring(0, 16);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GetMapping("/files/{file}")
    ResponseEntity<Resource> file(@PathVariable String file, HttpServletRequest request, HttpServletResponse response) {
        Resource found = FILES.get(file);
        if (found == null) {
            throw Problem.unknownPath(request.getRequestURI(), "");
        }
        response.setHeader(
                HttpHeaders.CACHE_CONTROL,
                request.getQueryString() == null ? "no-cache" : "max-age=31536000, immutable");
        return ResponseEntity.ok()
                .contentType(file.endsWith(".css") ? CSS : JAVASCRIPT)
                .body(found);
    }
}
