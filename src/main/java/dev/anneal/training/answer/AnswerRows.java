package dev.anneal.training.answer;

import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.Conversation;
import dev.anneal.training.task.ExampleFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Rows of a file that ask for an answer: prompts with a completion, and conversations that end with the assistant. */
final class AnswerRows {
    /**
     * A question, as a prompt or as messages, and the wanted answer.
     *
     * @param row the number of its row in the dataset
     */
    record Question(long row, String text, List<Map<String, Object>> messages, String wanted) {
        boolean isConversation() {
            return !messages.isEmpty();
        }
    }

    private AnswerRows() {}

    /** Returns the first questions of a file. */
    static List<Question> of(ExampleFile file, int most) {
        List<Question> questions = new ArrayList<>();
        forEach(file, most, questions::add);
        return questions;
    }

    /** Gives the first questions of a file to a consumer, in the order of the file. */
    static void forEach(ExampleFile file, int most, Consumer<Question> consumer) {
        int[] count = {0};
        file.forEach(row -> {
            boolean isPrompt = row.has("prompt");
            if (count[0] < most && (isPrompt || isAnswered(row.path("messages")))) {
                count[0]++;
                long number = row.path(WorkFiles.ROW).asLong(0);
                consumer.accept(
                        isPrompt
                                ? new Question(
                                        number,
                                        row.path("prompt").asString(""),
                                        List.of(),
                                        row.path("completion").asString(""))
                                : conversation(number, row.path("messages")));
            }
        });
    }

    private static boolean isAnswered(JsonNode messages) {
        return messages.size() > 1
                && messages.path(messages.size() - 1).path("role").asString("").equals("assistant");
    }

    private static Question conversation(long number, JsonNode messages) {
        List<Map<String, Object>> all = Conversation.messages(messages);
        List<Map<String, Object>> asked = all.subList(0, all.size() - 1);
        Object last = asked.get(asked.size() - 1).getOrDefault("content", "");
        return new Question(
                number,
                String.valueOf(last),
                asked.stream().<Map<String, Object>>map(TreeMap::new).toList(),
                messages.path(messages.size() - 1).path("content").asString(""));
    }
}
