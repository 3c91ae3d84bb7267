package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Beginning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The delimiters of the fields of a line: one character, or the first space of each line. Their names are those on the wire. */
public final class Delimiter {
    public static final String TAB = "tab";
    /** Splits each line into two fields at its first space. */
    public static final String FIRST_SPACE = "first-space";

    static final Pattern SEP_LINE = Pattern.compile("sep=(.)(\r|\n|$)", Pattern.CASE_INSENSITIVE);
    private static final String CANDIDATES = "\t,;|";
    private static final Map<String, String> NAMES = Map.of("\t", TAB, "\\t", TAB, TAB, TAB, FIRST_SPACE, FIRST_SPACE);
    private static final int RECORDS = 50;

    private Delimiter() {}

    /** Returns the name of a delimiter that a request gives, or an empty text if it is not a delimiter. */
    public static String name(String given) {
        if (NAMES.containsKey(given)) {
            return NAMES.get(given);
        }
        boolean isCharacter = given.length() == 1
                && !Character.isLetterOrDigit(given.charAt(0))
                && !Character.isSurrogate(given.charAt(0))
                && "\"\r\n\\\0".indexOf(given.charAt(0)) < 0;
        return isCharacter ? given : "";
    }

    static char character(String name) {
        return name.equals(TAB) ? '\t' : name.charAt(0);
    }

    /**
     * Finds the delimiter: Excel names it in a first line such as {@code sep=;}. Otherwise it occurs in the header, and gives
     * most lines as many fields as the header. Returns a comma if no delimiter occurs.
     */
    public static String find(Beginning beginning) {
        Matcher sep = SEP_LINE.matcher(beginning.text());
        if (sep.lookingAt() && !name(sep.group(1)).isEmpty()) {
            return name(sep.group(1));
        }
        char best = ',';
        double bestShare = 0;
        for (char candidate : CANDIDATES.toCharArray()) {
            List<Integer> counts = fieldCounts(beginning.text(), candidate);
            double share = counts.isEmpty() || counts.get(0) < 2
                    ? 0
                    : (double) counts.stream().filter(counts.get(0)::equals).count() / counts.size();
            if (share > bestShare) {
                best = candidate;
                bestShare = share;
            }
        }
        return name(String.valueOf(best));
    }

    /** Counts the fields of the first records. In tab-separated text, quotation marks have no special meaning. */
    private static List<Integer> fieldCounts(String text, char delimiter) {
        List<Integer> counts = new ArrayList<>();
        int fields = 1;
        boolean quoted = false;
        boolean blank = true;
        boolean atStart = true;
        for (int i = 0; i < text.length() && counts.size() < RECORDS; i++) {
            char c = text.charAt(i);
            if (c == '"' && delimiter != '\t' && (quoted || atStart)) {
                quoted = !quoted;
                atStart = true; // a doubled mark opens again what the first one closed
                blank = false;
            } else if (!quoted && (c == '\n' || c == '\r')) {
                if (!blank) {
                    counts.add(fields);
                }
                fields = 1;
                blank = true;
                atStart = true;
            } else if (!quoted && c == delimiter) {
                fields++;
                atStart = true;
                blank = false;
            } else {
                atStart = false;
                blank &= Character.isWhitespace(c);
            }
        }
        if (!blank && !quoted && counts.size() < RECORDS) {
            counts.add(fields);
        }
        return counts;
    }
}
