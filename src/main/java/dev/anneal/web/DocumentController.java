package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.springframework.web.util.HtmlUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Serves the contract, from which clients can be generated, and the pages for people who open the server in a browser. The
 * pages load nothing from another server and have no inline scripts or styles, so their content security policy is strict.
 */
@RestController
class DocumentController {
    private static final MediaType CSS = new MediaType("text", "css", UTF_8);
    private static final MediaType JAVASCRIPT = new MediaType("text", "javascript", UTF_8);

    /** The files that the pages load, by their names under /docs. */
    private static final Map<String, Resource> FILES = Map.of(
            "page.css",
            new ClassPathResource("pages/page.css"),
            "reference.js",
            new ClassPathResource("pages/reference.js"),
            "swagger-ui.css",
            Webjar.file("org.webjars", "swagger-ui", "swagger-ui.css"),
            "swagger-ui-bundle.js",
            Webjar.file("org.webjars", "swagger-ui", "swagger-ui-bundle.js"));

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'";

    private final Resource contract = new ClassPathResource("openapi.yaml");
    private final byte[] json;

    DocumentController() throws IOException {
        try (InputStream yaml = contract.getInputStream()) {
            json = Json.MAPPER.writeValueAsBytes(new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml));
        }
    }

    @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
    Resource yaml() {
        return contract;
    }

    @GetMapping(path = "/openapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
    byte[] json() {
        return json;
    }

    @GetMapping("/")
    ResponseEntity<String> start(HttpServletResponse response) throws IOException {
        String base = HtmlUtils.htmlEscape(
                ServletUriComponentsBuilder.fromCurrentContextPath().toUriString());
        String html = new ClassPathResource("pages/start.html").getContentAsString(UTF_8);
        return HtmlPage.of(html.replace("{{base}}", base), POLICY, response);
    }

    @GetMapping("/docs")
    ResponseEntity<String> reference(HttpServletResponse response) throws IOException {
        return HtmlPage.of(new ClassPathResource("pages/reference.html").getContentAsString(UTF_8), POLICY, response);
    }

    @GetMapping("/docs/{file}")
    ResponseEntity<Resource> file(@PathVariable String file, HttpServletRequest request, HttpServletResponse response) {
        Resource found = FILES.get(file);
        if (found == null) {
            throw Problem.unknownPath(request.getRequestURI(), "");
        }
        response.setHeader(HttpHeaders.CACHE_CONTROL, "max-age=3600");
        return ResponseEntity.ok()
                .contentType(file.endsWith(".css") ? CSS : JAVASCRIPT)
                .body(found);
    }
}
