package dev.anneal.host;

import dev.anneal.host.message.InspectMessage;
import dev.anneal.host.message.InspectMessage.Inspected;
import dev.anneal.host.message.InspectMessage.Seen;
import dev.anneal.host.message.InspectMessage.Token;
import dev.anneal.spec.JobSpec;
import dev.anneal.text.Cut;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.TokenTrace;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Shows what a model sees of a row: the examples that the trainer makes of it, with the place of each token in its text. */
final class InspectService {
    /** The most characters of the text of a token: a vocabulary may have an entry of any length. */
    private static final int MAX_TEXT = 200;

    private final Path directory;
    private final Watchdog watchdog;
    private final CallThreads threads;

    InspectService(Path directory, Watchdog watchdog, CallThreads threads) {
        this.directory = directory;
        this.watchdog = watchdog;
        this.threads = threads;
    }

    void answer(HostCall call, InspectMessage message) {
        threads.execute(call, () -> {
            try {
                call.succeed(watchdog.within("tokenize a row", call, () -> inspect(call, message)));
            } catch (TrainingException | ModelException refused) {
                call.fail("row_does_not_fit", 422, HostCall.sentence(refused.getMessage()));
            }
        });
    }

    private Inspected inspect(HostCall call, InspectMessage message) {
        int maxLength = RowsService.maxLength(directory, message.spec());
        JsonNode row = message.row();
        TokenTrace trace = new TokenTrace();
        try (Tokenizer tokenizer = Tokenizer.traced(directory, maxLength, trace)) {
            TrainingTask task = TrainingTask.of(message.spec(), directory, tokenizer, maxLength);
            List<Example> examples = task.examples(row);
            call.stopIfCancelled();
            View view = new View(message, task, tokenizer, trace);
            SplittableRandom random =
                    new SplittableRandom(message.spec().hyperparameters().seed());
            List<Seen> seen = new ArrayList<>();
            int room = message.mostTokens();
            for (Example example : examples) {
                if (room > 0) {
                    seen.add(view.seen(task.drawn(example, random), room));
                    room -= seen.get(seen.size() - 1).tokens().size();
                }
            }
            long cut = examples.stream()
                    .mapToLong(example -> example.cut().tokens())
                    .sum();
            call.stopIfCancelled();
            return new Inspected(
                    maxLength,
                    row.has("messages") ? trace.text(0) : null,
                    labels(message.spec(), examples),
                    message.spec().task() == Task.TEXT_REGRESSION
                            ? (Double) row.path("score").doubleValue()
                            : null,
                    seen,
                    examples.stream().mapToLong(view::length).sum(),
                    cut == 0 ? List.of() : cut(message, view.places(examples)),
                    cut,
                    examples.stream()
                            .mapToLong(example -> example.cut().targets())
                            .sum());
        }
    }

    /** Returns the labels to learn for the whole row; null if the task has none. */
    private static @Nullable List<String> labels(JobSpec spec, List<Example> examples) {
        if (examples.isEmpty()) {
            return null;
        }
        float[] target = examples.get(0).target();
        return switch (spec.task()) {
            case TEXT_CLASSIFICATION -> List.of(spec.labels().get((int) target[0]));
            case MULTI_LABEL ->
                IntStream.range(0, target.length)
                        .filter(label -> target[label] > 0)
                        .mapToObj(spec.labels()::get)
                        .toList();
            default -> null;
        };
    }

    /** Returns the first tokens of the row that are not at these places. */
    private List<Token> cut(InspectMessage message, Set<TokenTrace.Token> places) {
        TokenTrace trace = new TokenTrace();
        try (Tokenizer tokenizer = Tokenizer.traced(directory, Integer.MAX_VALUE, trace)) {
            TrainingTask task = TrainingTask.of(message.spec(), directory, tokenizer, Integer.MAX_VALUE);
            View view = new View(message, task, tokenizer, trace);
            List<Token> cut = new ArrayList<>();
            for (Example example : task.examples(message.row())) {
                for (int i = 0; i < example.text().length() && cut.size() < message.mostTokens(); i++) {
                    TokenTrace.Token token = trace.find(example.text().ids()[i]);
                    if (token != null && !places.contains(token)) {
                        cut.add(view.token(example, i));
                    }
                }
            }
            return cut;
        }
    }

    /** Shows examples of a row. */
    private record View(InspectMessage message, TrainingTask task, Tokenizer tokenizer, TokenTrace trace) {
        private static final Map<String, List<String>> FIELDS =
                Map.of("messages", List.of("rendered"), "prompt", List.of("prompt", "completion"));

        long length(Example example) {
            return example.text().length();
        }

        Seen seen(Example example, int most) {
            int length = example.text().length();
            return new Seen(
                    IntStream.range(0, Math.min(length, most))
                            .mapToObj(i -> token(example, i))
                            .toList(),
                    length,
                    IntStream.range(0, length)
                            .filter(i -> task.isLearned(example, i))
                            .count());
        }

        Token token(Example example, int i) {
            int number = example.text().ids()[i];
            TokenTrace.Token traced = trace.find(number);
            boolean learned = task.isLearned(example, i);
            TokenTrace.Token place = traced;
            String target = null;
            if (learned && message.spec().task() == Task.TOKEN_CLASSIFICATION) {
                target = message.spec().labels().get((int) example.target()[i]);
            } else if (learned && message.spec().task() == Task.MASKED_LM) {
                place = trace.find((int) example.target()[i]); // the token that was there before
                target = place == null ? null : Cut.to(place.name(), MAX_TEXT);
            }
            int id = traced == null ? number : traced.id();
            boolean isWord = message.row().has("tokens");
            return new Token(
                    id,
                    Cut.to(traced == null ? tokenizer.token(id) : traced.name(), MAX_TEXT),
                    place == null ? null : isWord ? "tokens" : field(place.source()),
                    place == null || !isWord ? null : place.source(),
                    place == null ? null : place.from(),
                    place == null ? null : place.to(),
                    tokenizer.isSpecial(id),
                    learned,
                    target);
        }

        private String field(int source) {
            List<String> fields = FIELDS.entrySet().stream()
                    .filter(kind -> message.row().has(kind.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(List.of("text", "text_pair"));
            return fields.get(Math.min(source, fields.size() - 1));
        }

        /** Returns the tokens of all examples. */
        Set<TokenTrace.Token> places(List<Example> examples) {
            Set<TokenTrace.Token> places = new HashSet<>();
            for (Example example : examples) {
                for (int number : example.text().ids()) {
                    TokenTrace.Token token = trace.find(number);
                    if (token != null) {
                        places.add(token);
                    }
                }
            }
            return places;
        }
    }
}
