package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The contract, openapi.yaml: whether an answer keeps it, and which of its operations were called. */
public final class Contract {
    private static final String DOCUMENT = read();
    private static final OpenApiInteractionValidator VALIDATOR =
            OpenApiInteractionValidator.createForInlineApiSpecification(DOCUMENT)
                    // A path that is not in the contract at all answers 404, which a test of just that asks for.
                    .withLevelResolver(LevelResolver.create()
                            .withLevel("validation.request.path.missing", ValidationReport.Level.IGNORE)
                            .withLevel("validation.request.operation.notAllowed", ValidationReport.Level.IGNORE)
                            .build())
                    .build();
    private static final Set<String> CALLED = new ConcurrentSkipListSet<>();

    private Contract() {}

    static void check(HttpRequest request, Client.Answer answer, boolean mayBeUnavailable) {
        if (!mayBeUnavailable || answer.status() != 503) {
            assertThat(answer.status()).as("%s: %s", request, answer.json()).isLessThan(500);
        }
        String path = request.uri().getRawPath(); // a slash within a name is none of the path
        SimpleResponse.Builder response = SimpleResponse.Builder.status(answer.status());
        answer.headers().map().forEach((name, values) -> response.withHeader(name, values));
        if (answer.json() != null) {
            response.withBody(answer.json().toString());
        } else if (answer.bytes().length > 0) {
            response.withBody("(binary)");
        }
        ValidationReport report =
                VALIDATOR.validateResponse(path, Request.Method.valueOf(request.method()), response.build());
        assertThat(report.hasErrors())
                .as("%s %s -> %d %s%n%s", request.method(), path, answer.status(), answer.json(), report.getMessages())
                .isFalse();
        CALLED.add(request.method().toLowerCase() + " " + template(path));
    }

    /** Operations of the contract that no test of this run has called so far, as "get /path/{id}". */
    public static Set<String> notCalled() {
        Set<String> operations = new TreeSet<>();
        String path = null;
        for (String line : DOCUMENT.lines().toList()) {
            Matcher pathLine = Pattern.compile("  (/\\S*):").matcher(line);
            Matcher methodLine =
                    Pattern.compile("    (get|post|put|patch|delete):").matcher(line);
            if (pathLine.matches()) {
                path = pathLine.group(1);
            } else if (methodLine.matches() && path != null) {
                operations.add(methodLine.group(1) + " " + template(path));
            }
        }
        operations.removeAll(CALLED);
        return operations;
    }

    private static String template(String path) {
        return path.replaceAll("\\{\\w+}", "{id}")
                .replaceAll("^(/api/v1/\\w+)/[^/]+", "$1/{id}")
                .replaceAll("/checkpoints/[^/]+", "/checkpoints/{id}");
    }

    private static String read() {
        try {
            return Files.readString(Path.of("openapi.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
