package dev.anneal.transformer.check;

import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.jinja.JinjaException;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Renders the chat template of a model for several conversations. A template may refuse a conversation by its own words. */
final class TemplateCheck {
    private static final List<List<Map<String, Object>>> CONVERSATIONS = List.of(
            List.of(message("user", "Hello")),
            List.of(message("user", "Hello"), message("assistant", "Hi. 🙂"), message("user", "{{ 1 }}\n\n<b>")),
            List.of(message("system", "Be brief."), message("user", "Two plus two?"), message("assistant", "4")),
            List.of(message("user", "")));

    private TemplateCheck() {}

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    static void check(Path directory) {
        boolean inFile = Files.exists(directory.resolve(HuggingFaceFiles.CHAT_TEMPLATE));
        String place = inFile ? HuggingFaceFiles.CHAT_TEMPLATE : HuggingFaceFiles.TOKENIZER_CONFIG;
        ChatTemplate template = ChatTemplate.of(directory);
        try {
            render(template);
        } catch (ModelException e) {
            throw new ModelException(place + ": " + e.getMessage(), e);
        }
    }

    private static void render(ChatTemplate template) {
        template.requireValid();
        for (List<Map<String, Object>> conversation : CONVERSATIONS) {
            for (boolean prompt : new boolean[] {true, false}) {
                try {
                    template.render(conversation, prompt);
                } catch (ModelException e) {
                    if (!(e.getCause() instanceof JinjaException fault && fault.isRefusal())) {
                        throw e;
                    }
                }
            }
        }
    }
}
