package dev.anneal.training.task;

import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The text of a conversation and which of its characters are learned: the answers, or all, but never an answer of weight 0.
 * Ranges of characters have a start and an end.
 */
public record Conversation(String text, List<int[]> answers, List<int[]> excluded, boolean answersOnly) {

    /** Renders the messages of a row. Throws a {@link TrainingException} if an answer is not found in the text. */
    static Conversation of(JsonNode messages, ChatTemplate template, boolean answersOnly) {
        List<Map<String, Object>> list = messages(messages);
        ChatTemplate.Rendered rendered = template.renderWithAnswers(list);
        List<int[]> answers = new ArrayList<>();
        List<int[]> excluded = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!"assistant".equals(list.get(i).get("role"))) {
                continue;
            }
            List<int[]> parts = rendered.answers().get(i);
            boolean isLearned = messages.get(i).path("weight").asInt(1) != 0;
            if (parts != null) {
                (isLearned ? answers : excluded).addAll(parts);
            } else if (isLearned ? !rendered.isMarked() : !answersOnly) {
                throw new TrainingException(
                        "The answer of message %d is not found in the text that the chat template makes of the conversation. %s"
                                .formatted(
                                        i + 1,
                                        isLearned
                                                ? "Give the message the weight 0, or use a base model with another template."
                                                : "Remove the message, or use a base model with another template."));
            }
        }
        return new Conversation(rendered.text(), answers, excluded, answersOnly);
    }

    /** Returns messages as templates read them. */
    public static List<Map<String, Object>> messages(JsonNode messages) {
        return messages.valueStream().map(Conversation::fields).toList();
    }

    private static Map<String, Object> fields(JsonNode message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        message.properties().stream()
                .filter(field -> !field.getKey().equals("weight"))
                .forEach(field -> fields.put(field.getKey(), field.getValue().asString("")));
        return fields;
    }

    /** Returns whether a token with these characters belongs to an answer that is learned. */
    boolean isAnswer(int from, int to) {
        return to > from && answers.stream().anyMatch(range -> from >= range[0] && to <= range[1]);
    }

    /** Returns whether a token with these characters is learned. */
    boolean isLearned(int from, int to) {
        return answersOnly
                ? isAnswer(from, to)
                : excluded.stream().noneMatch(range -> from < range[1] && to > range[0]);
    }
}
