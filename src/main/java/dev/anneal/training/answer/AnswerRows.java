package dev.anneal.training.answer;

import dev.anneal.training.task.Conversation;
import dev.anneal.training.task.ExampleFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Rows of a file that ask for an answer: prompts with a completion, and conversations that end with the assistant. */
final class AnswerRows {
    /** A question, as a prompt or as messages, and the wanted answer. */
    record Question(String text, List<Map<String, Object>> messages, String wanted) {
        boolean isConversation() {
            return !messages.isEmpty();
        }
    }

    private AnswerRows() {}

    /** Returns the first questions of a file. */
    static List<Question> of(ExampleFile file, int most) {
        List<Question> questions = new ArrayList<>();
        file.forEach(row -> {
            if (questions.size() < most) {
                if (row.has("prompt")) {
                    questions.add(new Question(
                            row.path("prompt").asString(""),
                            List.of(),
                            row.path("completion").asString("")));
                } else if (isAnswered(row.path("messages"))) {
                    questions.add(conversation(row.path("messages")));
                }
            }
        });
        return questions;
    }

    private static boolean isAnswered(JsonNode messages) {
        return messages.size() > 1
                && messages.path(messages.size() - 1).path("role").asString("").equals("assistant");
    }

    private static Question conversation(JsonNode messages) {
        List<Map<String, Object>> all = Conversation.messages(messages);
        List<Map<String, Object>> asked = all.subList(0, all.size() - 1);
        Object last = asked.get(asked.size() - 1).getOrDefault("content", "");
        return new Question(
                String.valueOf(last),
                asked.stream().<Map<String, Object>>map(TreeMap::new).toList(),
                messages.path(messages.size() - 1).path("content").asString(""));
    }
}
