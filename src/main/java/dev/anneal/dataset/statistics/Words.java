package dev.anneal.dataset.statistics;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The words of a text in lower case: runs of letters, digits and apostrophes between them. In scripts without spaces each
 * character is a word.
 */
final class Words {
    private static final int LONGEST = 40;
    private static final Set<UnicodeScript> UNSPACED = Set.of(
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.THAI,
            UnicodeScript.LAO,
            UnicodeScript.KHMER,
            UnicodeScript.MYANMAR);

    private Words() {}

    /** Returns all words of a short text but very long ones, which are no words. */
    static List<String> of(String text) {
        List<String> words = new ArrayList<>();
        visit(text, words::add);
        return words;
    }

    /** Visits the words one by one: a text can have millions. */
    static void visit(String text, Consumer<String> visitor) {
        for (int at = 0; at < text.length(); ) {
            int first = text.codePointAt(at);
            int end = at + Character.charCount(first);
            if (isPart(first) && !isAlone(first)) {
                while (end < text.length() && continues(text, end)) {
                    end += Character.charCount(text.codePointAt(end));
                }
            }
            if (isPart(first) && end - at <= LONGEST) {
                visitor.accept(text.substring(at, end).toLowerCase(Locale.ROOT));
            }
            at = end;
        }
    }

    /** Returns the number of words. */
    static long count(String text) {
        long[] count = {0};
        visit(text, word -> count[0]++);
        return count[0];
    }

    private static boolean continues(String text, int at) {
        int c = text.codePointAt(at);
        boolean isApostrophe = c == '\'' || c == '\u2019';
        return isApostrophe
                ? at + 1 < text.length() && isPart(text.codePointAt(at + 1))
                : (isPart(c) || isMark(c)) && !isAlone(c);
    }

    private static boolean isPart(int c) {
        return Character.isLetterOrDigit(c);
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }

    private static boolean isAlone(int c) {
        return c > 0x7f && UNSPACED.contains(UnicodeScript.of(c));
    }

    /** Returns all texts of a row. */
    static String text(JsonNode content) {
        Stream<JsonNode> fields =
                Stream.of("text", "text_pair", "prompt", "completion").map(content::path);
        Stream<JsonNode> messages = content.path("messages").valueStream().map(message -> message.path("content"));
        return Stream.of(fields, content.path("tokens").valueStream(), messages)
                .flatMap(part -> part)
                .map(part -> part.asString(""))
                .collect(Collectors.joining(" "));
    }
}
