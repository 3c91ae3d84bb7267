package dev.anneal.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;

/**
 * The contract, openapi.yaml. Each request of the integration tests and its response are checked against it: a request that
 * succeeds satisfies the contract, one that is refused for its shape violates it, and every response satisfies it.
 */
public final class Contract {
    private static final String DOCUMENT = read();
    private static final OpenApiInteractionValidator VALIDATOR =
            OpenApiInteractionValidator.createForInlineApiSpecification(DOCUMENT)
                    // A path that is not in the contract at all answers 404, which a test of just that asks for.
                    .withLevelResolver(LevelResolver.create()
                            .withLevel("validation.request.path.missing", ValidationReport.Level.IGNORE)
                            .withLevel("validation.request.operation.notAllowed", ValidationReport.Level.IGNORE)
                            // Keys are wrong or missing for reasons that no schema knows.
                            .withLevel("validation.request.security", ValidationReport.Level.IGNORE)
                            .build())
                    .build();
    private static final Set<String> CALLED = new ConcurrentSkipListSet<>();

    private Contract() {}

    static void check(HttpRequest request, Client.Answer answer, boolean mayBeUnavailable) {
        if (!mayBeUnavailable || answer.status() != 503) {
            assertThat(answer.status()).as("%s: %s", request, answer.json()).isLessThan(500);
        }
        String path = request.uri().getRawPath(); // a slash within a name does not separate segments
        checkRequest(request, path, answer);
        checkResponse(request, path, answer);
        CALLED.add(request.method().toLowerCase() + " " + template(path));
    }

    private static void checkRequest(HttpRequest request, String path, Client.Answer answer) {
        boolean accepted = answer.status() / 100 == 2;
        boolean refused = !accepted && RefusedShape.isIn(answer.json());
        if (!accepted && !refused || isForm(request) || hasNullCharacter(request)) {
            return;
        }
        List<String> violations = violations(request, path);
        if (accepted) {
            assertThat(violations)
                    .as("%s answered %d to a request that violates the contract", request, answer.status())
                    .isEmpty();
        } else {
            assertThat(violations)
                    .as("%s refused a request that satisfies the contract: %s", request, answer.json())
                    .isNotEmpty();
        }
    }

    /** The validator does not look into forms. */
    private static boolean isForm(HttpRequest request) {
        return request.headers()
                .firstValue("Content-Type")
                .filter(type -> type.startsWith("multipart/"))
                .isPresent();
    }

    /** Null characters are refused everywhere, which the contract does not repeat for every string. */
    private static boolean hasNullCharacter(HttpRequest request) {
        return request.uri().toString().contains("%00")
                || body(request).filter(body -> body.contains("\\u0000")).isPresent();
    }

    private static List<String> violations(HttpRequest request, String path) {
        SimpleRequest.Builder simple = new SimpleRequest.Builder(request.method(), path);
        request.headers().map().forEach((name, values) -> simple.withHeader(name, values));
        UriComponentsBuilder.fromUri(request.uri())
                .build()
                .getQueryParams()
                .forEach((name, values) -> simple.withQueryParam(
                        name,
                        values.stream().map(value -> value == null ? "" : value).toList()));
        body(request).ifPresent(simple::withBody);
        return VALIDATOR.validateRequest(simple.build()).getMessages().stream()
                .filter(message -> message.getLevel() == ValidationReport.Level.ERROR)
                .map(ValidationReport.Message::toString)
                .toList();
    }

    /** The body as text; all of it is in memory, as {@link Client} sends it. */
    private static Optional<String> body(HttpRequest request) {
        Optional<BodyPublisher> publisher = request.bodyPublisher().filter(body -> body.contentLength() > 0);
        return publisher.map(body -> {
            BodySubscriber<String> text = BodySubscribers.ofString(UTF_8);
            body.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    text.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuffer bytes) {
                    text.onNext(List.of(bytes));
                }

                @Override
                public void onError(Throwable fault) {
                    text.onError(fault);
                }

                @Override
                public void onComplete() {
                    text.onComplete();
                }
            });
            return text.getBody().toCompletableFuture().join();
        });
    }

    private static void checkResponse(HttpRequest request, String path, Client.Answer answer) {
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
                .replaceAll("/(checkpoints|rows)/[^/]+", "/$1/{id}");
    }

    private static String read() {
        try {
            return Files.readString(Path.of("openapi.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether a problem is about the shape of a request: what a schema can say, whatever the server has stored. */
    private static final class RefusedShape {
        /** Rules of the base model, the clock or the caller, or between two fields, which the contract has in words only. */
        private static final Set<String> IN_WORDS = Set.of(
                "out_of_range hyperparameters.max_length",
                "out_of_range max_length",
                "out_of_range method.frozen_layers",
                "out_of_range expires_at",
                "invalid_value hyperparameters.warmup_steps",
                "required project",
                "required prompt",
                "invalid_value prompt");

        private static final Set<String> CODES = Set.of(
                "required",
                "invalid_type",
                "invalid_value",
                "out_of_range",
                "unknown_field",
                "unknown_hyperparameter",
                "unknown_task",
                "unknown_type",
                "unknown_lr_scheduler_type",
                "unknown_precision",
                "unknown_role",
                "unknown_event",
                "unknown_status",
                "unknown_kind",
                "unknown_split",
                "invalid_source",
                "invalid_revision",
                "invalid_name",
                "malformed_json");

        static boolean isIn(JsonNode problem) {
            if (problem == null) {
                return false;
            }
            if (problem.path("errors").isEmpty()) {
                return CODES.contains(problem.path("code").asString());
            }
            return StreamSupport.stream(problem.path("errors").spliterator(), false)
                    .anyMatch(RefusedShape::isShape);
        }

        private static boolean isShape(JsonNode error) {
            String field = error.path("field").asString("");
            String code = error.path("code").asString();
            // An object or a word, which no type of the generated clients can hold, so the contract has no schema for
            // it.
            boolean words = field.startsWith("hyperparameters.class_weights");
            return !field.isEmpty() && CODES.contains(code) && !words && !IN_WORDS.contains(code + " " + field);
        }
    }
}
