package dev.anneal.transformer.tokenizer;

import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.jinja.JinjaException;
import dev.anneal.transformer.jinja.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Renders conversations as text, with the Jinja template of the model. The default is ChatML if the tokenizer has its two
 * tokens, else lines of {@code User: …} and {@code Assistant: …} with the end token after each answer. A message is a
 * dictionary with {@code role} and {@code content}.
 */
public final class ChatTemplate {
    /**
     * A text, and the answers in it by the number of their message from 0: each from the first character that the model writes
     * up to its end token, in several parts if the template has more between them. {@code isMarked} tells that the template itself
     * marks them, so that others are not to be learned.
     */
    public record Rendered(String text, Map<Integer, List<int[]>> answers, boolean isMarked) {}

    private static final String FIELD = "chat_template";
    private static final long MAX_BYTES = 4 << 20;

    private static final String CHATML = """
            {% for message in messages %}
            {{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
            {%- endfor %}
            {% if add_generation_prompt %}
            {{ '<|im_start|>assistant\\n' }}
            {%- endif %}
            """;
    /** The prompt ends without a space: most tokenizers join it to the next word. */
    private static final String PLAIN = """
            %s{%% for message in messages %%}
            {{ message['role'] | capitalize }}: {{ message['content'] | trim }}\
            {%% if message['role'] == 'assistant' %%}{{ eos_token }}{%% endif %%}{{ '\\n' }}
            {%%- endfor %%}
            {%% if add_generation_prompt %%}
            {{ 'Assistant:' }}
            {%%- endif %%}
            """;

    private final String source;
    private final boolean isDefault;
    /** Null if the template cannot be parsed, which matters only for conversations. */
    private final @Nullable Template template;

    private final String error;
    private final SpecialTokens special;

    private ChatTemplate(String source, boolean isDefault, SpecialTokens special) {
        this.source = source;
        this.isDefault = isDefault;
        this.special = special;
        Template parsed = null;
        String message = "";
        try {
            parsed = Template.of(source);
        } catch (JinjaException e) {
            message = "The chat template cannot be used: " + e.getMessage();
        }
        this.template = parsed;
        this.error = message;
    }

    /** Returns the template of a model directory, or the default. */
    public static ChatTemplate of(Path modelDirectory) {
        SpecialTokens special = SpecialTokens.of(modelDirectory);
        String own = own(modelDirectory);
        return own != null
                ? new ChatTemplate(own, false, special)
                : new ChatTemplate(defaultFor(modelDirectory, special), true, special);
    }

    /** Returns the template from its file or from the tokenizer's settings, which may have several by name; null if none. */
    private static @Nullable String own(Path directory) {
        Path file = directory.resolve(HuggingFaceFiles.CHAT_TEMPLATE);
        try {
            if (Files.exists(file)) {
                if (Files.size(file) > MAX_BYTES) {
                    throw new ModelException(HuggingFaceFiles.CHAT_TEMPLATE + " has " + Files.size(file)
                            + " bytes. The limit is " + MAX_BYTES + ".");
                }
                return Files.readString(file);
            }
        } catch (IOException e) {
            throw new ModelException(HuggingFaceFiles.CHAT_TEMPLATE + " is not text in UTF-8", e);
        }
        JsonNode field = HuggingFaceFiles.tokenizerConfig(directory).path(FIELD);
        if (field.isArray()) {
            for (JsonNode entry : field) {
                if (entry.path("name").asString("").equals("default")) {
                    return entry.path("template").asString(null);
                }
            }
            return field.path(0).path("template").asString(null);
        }
        if (!field.isString() && !field.isMissingNode() && !field.isNull()) {
            throw new ModelException(HuggingFaceFiles.TOKENIZER_CONFIG + ": '" + FIELD + "' must be a string");
        }
        return field.asString(null);
    }

    private static String defaultFor(Path directory, SpecialTokens special) {
        boolean exists = Files.exists(directory.resolve(HuggingFaceFiles.TOKENIZER));
        TokenizerJson tokenizer = exists ? TokenizerJson.read(directory) : null;
        List<String> added = tokenizer == null
                ? List.of()
                : tokenizer
                        .part("added_tokens")
                        .valueStream()
                        .map(token -> token.path("content").asString(""))
                        .toList();
        if (added.containsAll(List.of("<|im_start|>", "<|im_end|>"))) {
            return CHATML;
        }
        // A prompt starts with the start token if the tokenizer adds one to texts.
        boolean begins = special.begin() != null
                && tokenizer != null
                && tokenizer.part("post_processor").toString().contains("\"" + special.begin() + "\"");
        return PLAIN.formatted(begins ? "{{ bos_token }}" : "");
    }

    /** Writes the default template into the settings of an exported tokenizer; a template of the model was copied. */
    public void write(Path modelDirectory) throws IOException {
        if (isDefault) {
            HuggingFaceFiles.writeTokenizerConfig(
                    modelDirectory,
                    HuggingFaceFiles.tokenizerConfig(modelDirectory).put(FIELD, source));
        }
    }

    /** Throws a {@link ModelException} if the template cannot be parsed. */
    public void requireValid() {
        if (template == null) {
            throw new ModelException(error);
        }
    }

    /** Renders a conversation; if {@code addGenerationPrompt} is true, up to the start of an answer. */
    public String render(List<Map<String, Object>> messages, boolean addGenerationPrompt) {
        return render(messages, addGenerationPrompt, "");
    }

    /** Renders a conversation with two marks around each {@code generation} block; none if {@code marks} is empty. */
    String render(List<Map<String, Object>> messages, boolean addGenerationPrompt, String marks) {
        if (template == null) {
            throw new ModelException(error);
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("messages", messages);
        variables.put(Template.MARKS, marks);
        variables.put("add_generation_prompt", addGenerationPrompt);
        if (special.begin() != null) {
            variables.put("bos_token", special.begin());
        }
        if (special.end() != null) {
            variables.put("eos_token", special.end());
        }
        try {
            return template.render(variables);
        } catch (JinjaException e) {
            throw new ModelException(
                    e.isRefusal()
                            ? "The chat template refuses the messages: " + e.getMessage()
                            : "The chat template fails: " + e.getMessage(),
                    e);
        }
    }

    /** Renders a whole conversation and finds the assistant's answers in it. */
    public Rendered renderWithAnswers(List<Map<String, Object>> messages) {
        return new AnswerFinder(this, messages).find();
    }

    /** Returns whether the text of a conversation changes if its messages lack a field. */
    public boolean reads(String field, List<Map<String, Object>> messages) {
        List<Map<String, Object>> without = new ArrayList<>();
        for (Map<String, Object> message : messages) {
            Map<String, Object> left = new LinkedHashMap<>(message);
            left.remove(field);
            without.add(left);
        }
        try {
            return !render(messages, false).equals(render(without, false));
        } catch (ModelException required) {
            return true;
        }
    }

    /** Returns what follows an answer, such as {@code <|im_end|>}; empty if it cannot be determined. */
    public String endOfTurn() {
        String answer = "Yes.";
        try {
            String text = render(
                    List.of(
                            Map.of("role", "user", "content", "Hello"),
                            Map.of("role", AnswerFinder.ANSWER, "content", answer)),
                    false);
            int at = text.lastIndexOf(answer);
            return at < 0 ? "" : text.substring(at + answer.length()).strip();
        } catch (ModelException e) {
            return "";
        }
    }
}
