package dev.anneal.text;

import java.util.Collection;
import java.util.Comparator;

/** Suggests an existing name for one that does not exist. */
public final class Suggest {
    private Suggest() {}

    /** Returns " Did you mean 'x'?" with a leading space, or "" if no name is similar. */
    public static String nearest(String given, Collection<String> known) {
        return known.stream()
                .filter(name -> isNear(given, name))
                .min(Comparator.comparingInt(name -> distance(given.toLowerCase(), name.toLowerCase())))
                .map(Suggest::name)
                .orElse("");
    }

    /** Returns the same sentence for a name that is known to be meant. The name is quoted as in the rest of a message. */
    public static String name(String name) {
        return " Did you mean '" + Visible.quote(name) + "'?";
    }

    /** Returns whether only some characters differ, and not all of them. */
    private static boolean isNear(String given, String name) {
        int distance = distance(given.toLowerCase(), name.toLowerCase());
        return distance <= Math.max(2, name.length() / 3) && distance < Math.max(2, given.length());
    }

    /** Returns the Levenshtein distance. Names longer than 100 characters are different from all others. */
    public static int distance(String a, String b) {
        if (a.length() > 100 || b.length() > 100) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
