package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Report;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Prediction of the next token. All tokens of a plain text are learned, and a long text becomes several examples. Of prompts
 * and chats only completions and the assistant's messages are learned, unless {@code completions_only} is off. Each text ends
 * with the end token.
 */
final class CausalLmTask implements TrainingTask {
    private final Tokenizer tokenizer;
    private final int maxLength;
    private final boolean packing;
    private final boolean completionsOnly;
    private final @Nullable Integer end;
    private final @Nullable ChatTemplate template;

    CausalLmTask(JobSpec spec, Tokenizer tokenizer, Path baseModel, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.packing = Objects.requireNonNull(spec.taskOptions().packing());
        this.completionsOnly = Objects.requireNonNull(spec.taskOptions().completionsOnly());
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
            examples.add(new Example(new Encoded(part, null), floats(part)));
        }
        return examples;
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
        return cut(ids, labels);
    }

    private Example chat(JsonNode messages) {
        List<Map<String, Object>> list = new ArrayList<>();
        messages.forEach(message -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            message.properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asString("")));
            list.add(fields);
        });
        ChatTemplate.Rendered rendered = Objects.requireNonNull(template, "a base model for chats has a chat template")
                .renderWithCompletions(list);
        Tokenizer.Spans spans = tokenizer.encodeSpans(rendered.text());
        float[] labels = new float[spans.ids().length];
        for (int i = 0; i < labels.length; i++) {
            boolean learned = !completionsOnly || rendered.isCompletion(spans.from()[i], spans.to()[i]);
            labels[i] = learned ? spans.ids()[i] : Example.IGNORED;
        }
        return cut(spans.ids(), labels);
    }

    private Example cut(int[] ids, float[] labels) {
        int length = Math.min(ids.length, maxLength);
        return new Example(new Encoded(Arrays.copyOf(ids, length), null), Arrays.copyOf(labels, length));
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
        List<List<Example>> rows = new ArrayList<>();
        java.util.TreeMap<Integer, List<List<Example>>> open = new java.util.TreeMap<>();
        for (int i : LengthBuckets.shuffled(examples.size(), random)) {
            Example example = examples.all().get(i);
            int length = example.text().length();
            var fitting = open.ceilingEntry(length); // the fullest row that has room for it
            List<Example> row;
            int room;
            if (fitting == null) {
                row = new ArrayList<>();
                rows.add(row);
                room = maxLength;
            } else {
                room = fitting.getKey();
                row = fitting.getValue().remove(fitting.getValue().size() - 1);
                if (fitting.getValue().isEmpty()) {
                    open.remove(room);
                }
            }
            row.add(example);
            open.computeIfAbsent(room - length, r -> new ArrayList<>()).add(row);
        }
        return new Examples(rows.stream().map(CausalLmTask::join).toList());
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

    /** Does not count the first token of a text, which nothing predicts. */
    @Override
    public double count(Example example) {
        int[] segments = example.text().segments();
        int count = 0;
        for (int i = 1; i < example.target().length; i++) {
            boolean follows = segments == null || segments[i] == segments[i - 1];
            count += follows && example.target()[i] != Example.IGNORED ? 1 : 0;
        }
        return count;
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) {
        Evaluator.MeanLoss loss = evaluator.loss(examples, this, new SplittableRandom(0));
        return LanguageModelReport.of("causal-lm", split, examples.size(), loss.count(), loss.mean());
    }
}
