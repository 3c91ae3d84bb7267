package dev.anneal.transformer.tokenizer;

import dev.anneal.transformer.format.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the answers of a conversation in the text that a template makes of it. A template may write a message differently if
 * others follow it: without its thoughts, without white space, or not at all. So the finder marks each message with a
 * character that occurs nowhere else. An answer begins where the text after the message before it leaves that of a prompt, and
 * ends where the text after it leaves that of a conversation that ends there.
 */
final class AnswerFinder {
    static final String ANSWER = "assistant";
    private static final int NONE = -1;
    private static final char FIRST_MARK = '\uE000';
    private static final char LAST_MARK = '\uF8FF';

    /** A text without its marks: where the content of each message ends (-1 if it does not occur), and the marked answers. */
    private record Marked(String text, int[] ends, List<int[]> generated) {
        /** Returns where a message ends; the start of the text if there is no message. */
        int end(int message) {
            return message == NONE ? 0 : ends[message];
        }
    }

    /** The place of a mark in a message: some templates ask how a message starts or ends. */
    private enum Place {
        END,
        BEFORE_LAST,
        MIDDLE;

        /** Returns the place in a content with these first and last characters. */
        int in(String content, int start, int end) {
            return switch (this) {
                case END -> end;
                case BEFORE_LAST -> content.offsetByCodePoints(end, -1);
                case MIDDLE -> content.offsetByCodePoints(start, content.codePointCount(start, end) / 2);
            };
        }
    }

    private final ChatTemplate template;
    private final List<Map<String, Object>> messages;
    private final String text;
    /** One for each message, and two around each {@code generation} block; none if too few characters are free. */
    private final String marks;

    private Place place = Place.END;
    /** The numbers of the messages that are marked. */
    private Set<Integer> chosen = Set.of();

    AnswerFinder(ChatTemplate template, List<Map<String, Object>> messages) {
        this.template = template;
        this.messages = messages;
        this.text = template.render(messages, false);
        this.marks = freeCharacters(messages.size() + 2);
    }

    /** Returns the text with the answers that are found. */
    ChatTemplate.Rendered find() {
        Map<Integer, List<int[]>> answers = new LinkedHashMap<>();
        if (marks.isEmpty()) {
            return new ChatTemplate.Rendered(text, answers, false);
        }
        Marked whole = whole(IntStream.range(0, messages.size()).boxed().collect(Collectors.toSet()));
        Marked blocks = whole == null ? whole(Set.of()) : whole;
        if (blocks != null && !blocks.generated().isEmpty()) {
            answers.putAll(generated(blocks));
            return new ChatTemplate.Rendered(text, answers, !answers.isEmpty());
        }
        for (int i : assistantMessages()) {
            Marked own = whole == null ? whole(pair(i)) : whole;
            int[] answer = own == null ? null : answer(own, i);
            if (answer != null) {
                answers.put(i, List.of(answer));
            }
        }
        return new ChatTemplate.Rendered(text, answers, false);
    }

    /** Returns the numbers of an answer and of the message before it. */
    private Set<Integer> pair(int i) {
        int before = messageBefore(i);
        return before == NONE ? Set.of(i) : Set.of(i, before);
    }

    private List<Integer> assistantMessages() {
        return IntStream.range(0, messages.size())
                .filter(this::isAnswer)
                .boxed()
                .toList();
    }

    private boolean isAnswer(int i) {
        return ANSWER.equals(messages.get(i).get("role"));
    }

    /** Returns the whole text with marks in these messages, or null if each place for them changes the text. */
    private @Nullable Marked whole(Set<Integer> numbers) {
        chosen = numbers;
        for (Place each : Place.values()) {
            place = each;
            try {
                Marked marked = marked(messages.size(), false, NONE);
                if (marked.text().equals(text)) {
                    return marked;
                }
            } catch (ModelException refused) {
                // the template refuses the marks
            }
        }
        return null;
    }

    /** Returns the parts that the template marks as answers, by message. */
    private Map<Integer, List<int[]>> generated(Marked whole) {
        List<Integer> numbers = assistantMessages();
        boolean inOrder = numbers.size() == whole.generated().size();
        for (int k = 0; inOrder && k < numbers.size(); k++) {
            int[] range = whole.generated().get(k);
            int end = whole.ends()[numbers.get(k)];
            inOrder = end < 0 || end >= range[0] && end <= range[1];
        }
        Map<Integer, List<int[]>> answers = new LinkedHashMap<>();
        for (int k = 0; k < whole.generated().size(); k++) {
            int[] range = whole.generated().get(k);
            int number = inOrder ? numbers.get(k) : chosen.isEmpty() ? NONE : answerAt(whole, range[0]);
            if (number != NONE) {
                answers.computeIfAbsent(number, same -> new ArrayList<>()).add(range);
            }
        }
        return answers;
    }

    /** Returns the number of the answer to which the text from here to the next message belongs. */
    private int answerAt(Marked whole, int start) {
        int number = NONE;
        for (int i = 0; i < messages.size(); i++) {
            number = isAnswer(i) ? i : number;
            if (whole.ends()[i] >= start) {
                break;
            }
        }
        return number;
    }

    private int @Nullable [] answer(Marked whole, int i) {
        int end = whole.ends()[i];
        int before = messageBefore(i);
        if (end < 0 || before >= 0 && (whole.ends()[before] < 0 || whole.ends()[before] > end)) {
            return null;
        }
        int from = i == 0 ? 0 : start(whole, i, before);
        int to = after(whole, i == messages.size() - 1 ? whole : marked(i + 1, false, NONE), i, true);
        return from < 0 || to < 0 || from > end ? null : new int[] {from, to};
    }

    /**
     * Returns where an answer starts: after the prompt. If the text has only the beginning of the prompt, such as a prompt that
     * opens a thought, the answer starts with its content at the latest, which may have characters of the prompt.
     */
    private int start(Marked whole, int i, int before) {
        Marked prompt = marked(i, true, NONE);
        int from = after(whole, prompt, before, false);
        int header = from - whole.end(before);
        if (from < 0 || header == prompt.text().length() - prompt.end(before)) {
            return from;
        }
        Marked bare;
        try {
            bare = marked(messages.size(), false, i);
        } catch (ModelException refused) {
            return from;
        }
        if (bare.end(i) < 0 || bare.end(before) < 0) {
            return from;
        }
        return Math.min(from, whole.end(before) + bare.end(i) - bare.end(before));
    }

    /** Returns the number of the last message before this one that is not blank; -1 if there is none. */
    private int messageBefore(int i) {
        int before = i - 1;
        while (before > NONE && content(before).isBlank()) {
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
        int start = whole.end(message);
        int startOfShorter = shorter.end(message);
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

    /** Renders the first messages with marks, and takes the marks out. Of the message {@code bare} the mark is all content. */
    private Marked marked(int count, boolean prompt, int bare) {
        List<Map<String, Object>> given = new ArrayList<>();
        String[] afterMark = new String[count];
        for (int i = 0; i < count; i++) {
            Map<String, Object> message = new HashMap<>(messages.get(i));
            String content = content(i);
            afterMark[i] = "";
            if (i == bare) {
                message.put("content", String.valueOf(marks.charAt(i)));
            } else if (!content.isBlank() && chosen.contains(i)) { // a template may leave an empty message out
                int end = content.stripTrailing().length();
                int at = place.in(
                        content, content.length() - content.stripLeading().length(), end);
                afterMark[i] = content.substring(at, end);
                message.put("content", content.substring(0, at) + marks.charAt(i) + content.substring(at));
            }
            given.add(message);
        }
        int open = messages.size();
        String rendered = template.render(given, prompt, marks.substring(open));
        StringBuilder out = new StringBuilder(rendered.length());
        int[] places = new int[count];
        Arrays.fill(places, -1);
        List<int[]> generated = new ArrayList<>();
        for (int k = 0; k < rendered.length(); k++) {
            char character = rendered.charAt(k);
            int mark = character < FIRST_MARK || character > LAST_MARK ? -1 : marks.indexOf(character);
            if (mark < 0) {
                out.append(character);
            } else if (mark < open) {
                places[mark] = out.length();
            } else if (mark == open) {
                generated.add(new int[] {out.length(), out.length()});
            } else if (!generated.isEmpty()) {
                generated.get(generated.size() - 1)[1] = out.length();
            }
        }
        String unmarked = out.toString();
        for (int i = 0; i < count; i++) {
            boolean isWhole = places[i] >= 0 && unmarked.startsWith(afterMark[i], places[i]);
            places[i] = isWhole ? places[i] + afterMark[i].length() : -1;
        }
        return new Marked(unmarked, places, generated);
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
