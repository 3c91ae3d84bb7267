package dev.anneal.transformer.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * The text of tokens that come one by one. It hands out whole characters only, and nothing that may yet turn out to be the
 * beginning of a stop text.
 */
public final class TokenText {
    private static final char INCOMPLETE = '\uFFFD';
    /** So many tokens of the prompt are decoded too: what a token stands for depends on those before it. */
    private static final int CONTEXT = 6;

    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final List<Integer> ids = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private int from;
    private int known;
    private boolean stopped;

    public TokenText(Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        for (int i = Math.max(0, prompt.length - CONTEXT); i < prompt.length; i++) {
            ids.add(prompt[i]);
        }
        known = ids.size();
    }

    /** The text that is certain with one more token; often none. */
    public String add(int id) {
        ids.add(id);
        String before = decode(known);
        String now = decode(ids.size());
        if (now.length() <= before.length() || now.charAt(now.length() - 1) == INCOMPLETE) {
            return "";
        }
        from = known;
        known = ids.size();
        held.append(now, before.length(), now.length());
        return release();
    }

    /** What was held back, once no more tokens come; a character that never became whole is left out. */
    public String rest() {
        String before = decode(known);
        String now = decode(ids.size());
        known = ids.size();
        if (!stopped && now.length() > before.length()) {
            held.append(now.substring(before.length()).replaceAll(INCOMPLETE + "+$", ""));
        }
        String certain = release();
        String rest = stopped ? "" : held.toString();
        held.setLength(0);
        return certain + rest;
    }

    /** Whether a stop text has come; it is not handed out. */
    public boolean isStopped() {
        return stopped;
    }

    private String decode(int to) {
        return tokenizer.decode(
                ids.subList(from, to).stream().mapToInt(id -> id).toArray());
    }

    private String release() {
        int end = stops.stream()
                .mapToInt(held::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        stopped |= end >= 0;
        int certain = end >= 0 ? end : held.length() - beginning();
        String released = held.substring(0, certain);
        held.delete(0, stopped ? held.length() : certain);
        return released;
    }

    /** Length of the longest end of the text that a stop text begins with. */
    private int beginning() {
        int longest = stops.stream().mapToInt(String::length).max().orElse(0) - 1;
        for (int length = Math.min(longest, held.length()); length > 0; length--) {
            String end = held.substring(held.length() - length);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return length;
            }
        }
        return 0;
    }
}
