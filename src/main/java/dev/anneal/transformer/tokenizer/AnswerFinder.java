package dev.anneal.transformer.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the answers of a conversation in the text that a template makes of it. A template may write a message differently if
 * others follow it: without its thoughts, without white space, or not at all. So the finder marks the end of each message with a
 * character that occurs nowhere else. An answer begins where the text after the message before it leaves that of a prompt,
 * and ends where the text after it leaves that of a conversation that ends there.
 */
final class AnswerFinder {
    static final String ANSWER = "assistant";
    private static final char FIRST_MARK = '\uE000';
    private static final char LAST_MARK = '\uF8FF';

    /** A text without its marks: where the content of each message ends (-1 if it does not occur), and the marked answers. */
    private record Marked(String text, int[] ends, List<int[]> generated) {}

    private final ChatTemplate template;
    private final List<Map<String, Object>> messages;
    private final String text;
    /** One for each message, and two around each {@code generation} block; none if too few characters are free. */
    private final String marks;

    /** True to mark a message before its last character: some templates ask how a message ends. */
    private boolean beforeLast;

    AnswerFinder(ChatTemplate template, List<Map<String, Object>> messages) {
        this.template = template;
        this.messages = messages;
        this.text = template.render(messages, false);
        this.marks = freeCharacters(messages.size() + 2);
    }

    /** Returns the text with the answers that are found. */
    ChatTemplate.Rendered find() {
        Map<Integer, int[]> answers = new LinkedHashMap<>();
        Marked whole = whole();
        if (whole == null) {
            return new ChatTemplate.Rendered(text, answers, false);
        }
        if (!whole.generated().isEmpty()) {
            return new ChatTemplate.Rendered(text, generated(whole), true);
        }
        for (int i : assistantMessages()) {
            int[] answer = answer(whole, i);
            if (answer != null) {
                answers.put(i, answer);
            }
        }
        return new ChatTemplate.Rendered(text, answers, false);
    }

    private List<Integer> assistantMessages() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (ANSWER.equals(messages.get(i).get("role"))) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    /** Returns the whole text with its marks, or null if each way to mark it changes the text. */
    private @Nullable Marked whole() {
        for (boolean before : new boolean[] {false, true}) {
            beforeLast = before;
            Marked marked = marks.isEmpty() ? null : marked(messages.size(), false);
            if (marked != null && marked.text().equals(text)) {
                return marked;
            }
        }
        return null;
    }

    /** Returns the parts that the template marks as answers, by message: in order, or else by the content that they contain. */
    private Map<Integer, int[]> generated(Marked whole) {
        List<Integer> numbers = assistantMessages();
        boolean inOrder = numbers.size() == whole.generated().size();
        Map<Integer, int[]> answers = new LinkedHashMap<>();
        for (int k = 0; k < whole.generated().size(); k++) {
            int[] range = whole.generated().get(k);
            if (inOrder) {
                answers.put(numbers.get(k), range);
            } else {
                numbers.stream()
                        .filter(i -> whole.ends()[i] >= range[0] && whole.ends()[i] <= range[1])
                        .findFirst()
                        .ifPresent(i -> answers.put(i, range));
            }
        }
        return answers;
    }

    private int @Nullable [] answer(Marked whole, int i) {
        int end = whole.ends()[i];
        int before = messageBefore(i);
        if (end < 0 || before >= 0 && (whole.ends()[before] < 0 || whole.ends()[before] > end)) {
            return null;
        }
        Marked prompt = i == 0 ? null : marked(i, true);
        int from = prompt == null ? 0 : after(whole, prompt, before, false);
        int to = after(whole, i == messages.size() - 1 ? whole : marked(i + 1, false), i, true);
        return from < 0 || to < 0 || from > end ? null : new int[] {from, to};
    }

    /** Returns the number of the last message before this one that is not blank; -1 if there is none. */
    private int messageBefore(int i) {
        int before = i - 1;
        while (before >= 0 && content(before).isBlank()) {
            before--;
        }
        return before;
    }

    private String content(int i) {
        return String.valueOf(messages.get(i).get("content"));
    }

    /**
     * Returns the place up to which the whole text and a shorter one agree, counted from the end of a message (from the start
     * if it is -1). White space after an end token is left out if {@code isEnd}. Returns -1 if the shorter text lacks the message.
     */
    private static int after(Marked whole, Marked shorter, int message, boolean isEnd) {
        int start = message < 0 ? 0 : whole.ends()[message];
        int startOfShorter = message < 0 ? 0 : shorter.ends()[message];
        if (startOfShorter < 0) {
            return -1;
        }
        String rest = shorter.text().substring(startOfShorter);
        String end = rest.stripTrailing();
        String expected = isEnd && !end.isEmpty() ? end : rest;
        int i = 0;
        while (i < expected.length()
                && start + i < whole.text().length()
                && expected.charAt(i) == whole.text().charAt(start + i)) {
            i++;
        }
        return start + i;
    }

    /** Renders the first messages with marks, and takes the marks out. */
    private Marked marked(int count, boolean prompt) {
        List<Map<String, Object>> given = new ArrayList<>();
        int[] lengthAfterMark = new int[count];
        for (int i = 0; i < count; i++) {
            Map<String, Object> message = new HashMap<>(messages.get(i));
            String content = content(i);
            if (!content.isBlank()) { // a template may leave an empty message out
                int end = content.stripTrailing().length();
                int at = beforeLast ? content.offsetByCodePoints(end, -1) : end;
                lengthAfterMark[i] = end - at;
                message.put("content", content.substring(0, at) + marks.charAt(i) + content.substring(at));
            }
            given.add(message);
        }
        int open = messages.size();
        String rendered = template.render(given, prompt, marks.substring(open));
        StringBuilder out = new StringBuilder(rendered.length());
        int[] ends = new int[count];
        Arrays.fill(ends, -1);
        List<int[]> generated = new ArrayList<>();
        for (int k = 0; k < rendered.length(); k++) {
            char character = rendered.charAt(k);
            int mark = character < FIRST_MARK || character > LAST_MARK ? -1 : marks.indexOf(character);
            if (mark < 0) {
                out.append(character);
            } else if (mark < open) {
                ends[mark] = out.length() + lengthAfterMark[mark];
            } else if (mark == open) {
                generated.add(new int[] {out.length(), out.length()});
            } else if (!generated.isEmpty()) {
                generated.get(generated.size() - 1)[1] = out.length();
            }
        }
        return new Marked(out.toString(), ends, generated);
    }

    /** Returns private characters that neither the text nor the messages contain; "" if there are too few. */
    private String freeCharacters(int count) {
        boolean[] used = new boolean[LAST_MARK - FIRST_MARK + 1];
        note(text, used);
        messages.forEach(message -> message.values().forEach(value -> note(String.valueOf(value), used)));
        StringBuilder free = new StringBuilder();
        for (int i = 0; i < used.length && free.length() < count; i++) {
            if (!used[i]) {
                free.append((char) (FIRST_MARK + i));
            }
        }
        return free.length() < count ? "" : free.toString();
    }

    private static void note(String text, boolean[] used) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character >= FIRST_MARK && character <= LAST_MARK) {
                used[character - FIRST_MARK] = true;
            }
        }
    }
}
