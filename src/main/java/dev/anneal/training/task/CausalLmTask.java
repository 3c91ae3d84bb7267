package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.TokenFigures;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Prediction of the next token. All tokens of a plain text are learned, and a long text becomes several examples. Of prompts
 * and chats only completions and the assistant's messages are learned, unless {@code completions_only} is off. Each text ends
 * with the end token. A prompt that is too long loses its beginning.
 */
final class CausalLmTask implements TrainingTask {
    private final Tokenizer tokenizer;
    private final int maxLength;
    private final boolean packing;
    private final boolean completionsOnly;
    private final boolean hasHalves;
    private final @Nullable Integer begin;
    private final @Nullable Integer end;
    private final ChatTemplate template;
    /** The fields of messages that change the text of a conversation. */
    private final Set<String> read = ConcurrentHashMap.newKeySet();
    /** The fields of messages that do not change the text of a conversation. */
    private final Set<String> unread = ConcurrentHashMap.newKeySet();

    CausalLmTask(JobSpec spec, Tokenizer tokenizer, Path baseModel, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.packing = Objects.requireNonNull(spec.taskOptions().packing());
        this.completionsOnly = Objects.requireNonNull(spec.taskOptions().completionsOnly());
        this.hasHalves = TrainingTask.hasHalves(Task.CAUSAL_LM, spec.method());
        this.begin = tokenizer.beginToken();
        this.end = tokenizer.endToken();
        this.template = ChatTemplate.of(baseModel);
    }

    @Override
    public List<Example> examples(JsonNode row) {
        if (row.has("messages")) {
            return List.of(chat(row.path("messages")));
        }
        return row.has("prompt") ? List.of(completion(row)) : text(row);
    }

    private List<Example> text(JsonNode row) {
        String text = row.path("text").asString(null);
        if (text == null) {
            throw new TrainingException("The row has no text.");
        }
        int[] ids = withEnd(tokenizer.encodeAll(text, true));
        List<Example> examples = new ArrayList<>();
        for (int from = 0; from < ids.length - 1 || from == 0; from += maxLength) {
            int[] part = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + maxLength));
            examples.add(new Example(new Encoded(part, null), floats(part), Example.Cut.NONE, window(examples.size())));
        }
        return examples;
    }

    private static Example.Window window(int number) {
        return number == 0 ? Example.Window.ONLY : Example.Window.of(number);
    }

    private Example completion(JsonNode row) {
        String prompt = row.path("prompt").asString("");
        String completion = row.path("completion").asString("");
        int[] first = tokenizer.encodeAll(prompt, true);
        int[] second = withEnd(tokenizer.encodeAll(completion, false));
        int[] ids = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, ids, first.length, second.length);
        float[] labels = floats(ids);
        if (completionsOnly) {
            Arrays.fill(labels, 0, first.length, Example.IGNORED);
        }
        return cut(ids, labels, first.length);
    }

    private Example chat(JsonNode messages) {
        Conversation conversation = Conversation.of(messages, template, completionsOnly);
        noteUnread(messages);
        Tokenizer.Spans spans = tokenizer.encodeSpans(conversation.text());
        float[] labels = new float[spans.ids().length];
        int prompt = 0;
        boolean answered = false;
        for (int i = 0; i < labels.length; i++) {
            int from = spans.from()[i];
            int to = spans.to()[i];
            answered |= conversation.isAnswer(from, to);
            prompt += answered ? 0 : 1;
            labels[i] = conversation.isLearned(from, to) ? spans.ids()[i] : Example.IGNORED;
        }
        return cut(spans.ids(), labels, answered ? prompt : 0);
    }

    private void noteUnread(JsonNode messages) {
        for (String field : List.of("name", "tool_call_id")) {
            if (!read.contains(field) && messages.valueStream().anyMatch(message -> message.has(field))) {
                (template.reads(field, Conversation.messages(messages)) ? read : unread).add(field);
            }
        }
    }

    @Override
    public Map<String, Boolean> optionalFields() {
        Map<String, Boolean> fields = new TreeMap<>();
        unread.forEach(field -> fields.put(field, false));
        read.forEach(field -> fields.put(field, true));
        return fields;
    }

    @Override
    public void addOptionalFields(Map<String, Boolean> fields) {
        fields.forEach((field, isRead) -> (isRead ? read : unread).add(field));
    }

    @Override
    public List<String> warnings() {
        return unread.stream()
                .filter(field -> !read.contains(field))
                .sorted()
                .map(field ->
                        "The chat template of the base model does not use the field '%s' of messages, so it is not learned."
                                .formatted(field))
                .toList();
    }

    /**
     * Returns an example of at most the greatest length. The beginning of the prompt is left out first, but not the begin token;
     * of the rest the end.
     */
    private Example cut(int[] ids, float[] labels, int prompt) {
        int excess = ids.length - maxLength;
        if (excess <= 0) {
            return new Example(new Encoded(ids, null), labels);
        }
        int kept = begin != null && ids[0] == begin ? 1 : 0;
        // At least one token stays, from which the first one of the completion is predicted.
        int ofPrompt = Math.max(0, Math.min(excess, prompt - Math.max(1, kept)));
        int[] left = new int[maxLength];
        float[] targets = new float[maxLength];
        for (int i = 0; i < maxLength; i++) {
            int from = i < kept ? i : i + ofPrompt;
            left[i] = ids[from];
            targets[i] = labels[from];
        }
        int lost = targets(labels) - targets(targets);
        return new Example(new Encoded(left, null), targets, new Example.Cut(excess, lost));
    }

    private static int targets(float[] labels) {
        int count = 0;
        for (float label : labels) {
            count += label == Example.IGNORED ? 0 : 1;
        }
        return count;
    }

    private int[] withEnd(int[] ids) {
        if (end == null || ids.length > 0 && ids[ids.length - 1] == end) {
            return ids;
        }
        int[] longer = Arrays.copyOf(ids, ids.length + 1);
        longer[ids.length] = end;
        return longer;
    }

    private static float[] floats(int[] ids) {
        float[] floats = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            floats[i] = ids[i];
        }
        return floats;
    }

    /** Packs texts into rows of the greatest length, best fit in random order; attention stays within each text. */
    @Override
    public Examples packed(Examples examples, SplittableRandom random) {
        if (!packing) {
            return examples;
        }
        Packing rows = Packing.of(examples.lengths(), maxLength, random);
        return new Examples(i -> join(examples.get(rows.texts(i))), rows.lengths(), ExampleTotals.NONE);
    }

    private static Example join(List<Example> texts) {
        int length = texts.stream().mapToInt(e -> e.text().length()).sum();
        int[] ids = new int[length];
        int[] segments = new int[length];
        float[] labels = new float[length];
        int at = 0;
        for (int i = 0; i < texts.size(); i++) {
            Example text = texts.get(i);
            System.arraycopy(text.text().ids(), 0, ids, at, text.text().length());
            System.arraycopy(text.target(), 0, labels, at, text.text().length());
            Arrays.fill(segments, at, at + text.text().length(), i + 1);
            at += text.text().length();
        }
        return new Example(new Encoded(ids, null, segments), labels);
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        batch.put("labels", TrainingTask.perToken(examples, manager));
    }

    @Override
    public double count(Example example) {
        int count = 0;
        for (int i = 0; i < example.target().length; i++) {
            count += isLearned(example, i) ? 1 : 0;
        }
        return count;
    }

    /** Returns false for the first token of a text, which nothing predicts. */
    @Override
    public boolean isLearned(Example example, int token) {
        int[] segments = example.text().segments();
        boolean follows = token > 0 && (segments == null || segments[token] == segments[token - 1]);
        return follows && example.target()[token] != Example.IGNORED;
    }

    @Override
    public boolean hasHalves() {
        return hasHalves;
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException {
        if (evaluator.isForReport()) {
            TokenFigures figures = evaluator.tokens(examples, this);
            evaluator.write(row -> predicted(figures, row), figures.texts());
            return LanguageModelReport.of("causal-lm", split, examples.size(), examples.truncation(), figures);
        }
        Evaluator.MeanLoss loss = evaluator.loss(examples, this, new SplittableRandom(0));
        return LanguageModelReport.of(
                "causal-lm", split, examples.size(), examples.truncation(), loss.count(), loss.mean());
    }

    private static Map<String, Object> predicted(TokenFigures figures, int row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("token_count", figures.tokens(row));
        if (figures.tokens(row) > 0) {
            fields.put("loss", figures.loss(row));
            fields.put("perplexity", LanguageModelReport.perplexity(figures.loss(row)));
            fields.put("token_accuracy", figures.accuracy(row));
        }
        return fields;
    }
}
