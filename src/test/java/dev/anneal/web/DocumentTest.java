package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.ServerTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;
import org.yaml.snakeyaml.Yaml;

/** The pages and documents that need no key. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class DocumentTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

    @Autowired
    Environment environment;

    @ParameterizedTest
    @ValueSource(strings = {"/", "/docs"})
    void aPageLoadsOnlyFilesOfThisServerAndHasNoInlineCode(String path) throws Exception {
        HttpResponse<String> page = get(path);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(page.headers().allValues("Content-Security-Policy"))
                .singleElement()
                .satisfies(policy -> assertThat(policy)
                        .contains(
                                "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe", "http:", "https:", "*"));
        assertThat(page.body()).doesNotContain("<style", "style=", "<script>", "onclick");
        List<String> links = LINK.matcher(page.body())
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.equals("data:,"))
                .toList();
        assertThat(links).isNotEmpty().allMatch(link -> link.startsWith("/"));
        for (String link : links) {
            assertThat(get(link).statusCode()).as(link).isEqualTo(200);
        }
    }

    @Test
    void theStartPageShowsCallsToTheAddressThatWasOpened() throws Exception {
        assertThat(get("/").body())
                .contains("fine-tunes language models", "API=" + base() + "/api/v1 ", "href=\"/docs\"", "admin.key");
    }

    @Test
    void theContractInJsonIsTheSameAsInYaml() throws Exception {
        HttpResponse<String> json = get("/openapi.json");

        assertThat(json.headers().firstValue("Content-Type")).hasValue("application/json");
        Object yaml = new Yaml().load(Files.readString(Path.of("openapi.yaml")));
        assertThat(Json.MAPPER.readTree(json.body())).isEqualTo(Json.MAPPER.readTree(Json.write(yaml)));
    }

    @Test
    void theScriptOfTheReferenceShowsTheContractOfThisServer() throws Exception {
        HttpResponse<String> script = get("/docs/swagger-ui-bundle.js");

        assertThat(script.headers().firstValue("Content-Type")).hasValue("text/javascript;charset=UTF-8");
        assertThat(script.body()).contains("SwaggerUIBundle");
        assertThat(get("/docs/reference.js").body()).contains("/openapi.json", "validatorUrl: null");
    }

    @Test
    void otherFilesAndPathsDoNotExistWhetherOrNotThereIsAKey() throws Exception {
        for (String path :
                List.of("/docs/none.js", "/docs/..%2Fapplication.yaml", "/doc", "/favicon.ico", "/webjars/x")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).as(path).isIn(404, 400);
            assertThat(answer.body()).as(path).contains("\"code\"");
        }
        assertThat(get("/api/v1/jobs").statusCode()).isEqualTo(401);
        assertThat(get("/api/v1/nothing").statusCode()).isEqualTo(401);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(base() + path)).build(), BodyHandlers.ofString());
    }

    private String base() {
        return "http://127.0.0.1:" + environment.getProperty("local.server.port");
    }
}
