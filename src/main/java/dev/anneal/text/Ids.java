package dev.anneal.text;

import java.security.SecureRandom;

/** Ids with a prefix for their kind, such as {@code job_01JDFX…}. They are ULIDs: random, and sorted by their time. */
public final class Ids {
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Sorts after every id. Lists start here. */
    public static final String LAST = "~";

    private Ids() {}

    /** Returns whether the text has the form of an id of this kind. */
    public static boolean is(String kind, String text) {
        return text.length() == kind.length() + 27
                && text.startsWith(kind + "_")
                && text.chars().skip(kind.length() + 1).allMatch(digit -> DIGITS.indexOf(digit) >= 0);
    }

    public static String next(String kind) {
        char[] id = new char[26];
        long time = System.currentTimeMillis();
        for (int i = 9; i >= 0; i--, time >>>= 5) {
            id[i] = DIGITS.charAt((int) (time & 31));
        }
        for (int i = 10; i < 26; i++) {
            id[i] = DIGITS.charAt(RANDOM.nextInt(32));
        }
        return kind + "_" + new String(id);
    }
}
