package dev.anneal.transformer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How a conversation becomes a text. */
public final class ChatTemplate {
    /** A text, and which of its characters the model is to learn. */
    public record Rendered(String text, List<int[]> completions) {
        public boolean isCompletion(int from, int to) {
            return completions.stream().anyMatch(range -> from >= range[0] && to <= range[1] && to > from);
        }
    }

    public static ChatTemplate of(Path modelDirectory) {
        return new ChatTemplate();
    }

    public Rendered renderWithCompletions(List<Map<String, Object>> messages) {
        throw new ModelException("chats are not supported yet");
    }
}
