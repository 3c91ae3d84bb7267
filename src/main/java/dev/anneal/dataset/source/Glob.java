package dev.anneal.dataset.source;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of paths, as Hugging Face's datasets read it: {@code *} and {@code ?} stand for characters of a name, {@code **} for any
 * characters, and <code>**&#47;</code> for any folders or none. Matching takes time in proportion to the pattern and the path.
 */
final class Glob {
    private enum Kind {
        CHARACTER,
        ONE,
        NAME,
        ANY,
        FOLDERS
    }

    private record Token(Kind kind, char character) {}

    private final List<Token> tokens = new ArrayList<>();
    private final String beginning;

    Glob(String pattern) {
        int first = 0;
        while (first < pattern.length() && pattern.charAt(first) != '*' && pattern.charAt(first) != '?') {
            first++;
        }
        beginning = pattern.substring(0, first);
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (pattern.startsWith("**/", i) && (i == 0 || pattern.charAt(i - 1) == '/')) {
                tokens.add(new Token(Kind.FOLDERS, c));
                i += 2;
            } else if (pattern.startsWith("**", i)) {
                tokens.add(new Token(Kind.ANY, c));
                i++;
            } else {
                tokens.add(new Token(c == '*' ? Kind.NAME : c == '?' ? Kind.ONE : Kind.CHARACTER, c));
            }
        }
    }

    /** Returns whether a pattern stands for itself only. */
    static boolean isPath(String pattern) {
        return pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0;
    }

    boolean matches(String path) {
        if (!path.startsWith(beginning)) {
            return false;
        }
        boolean[] reached = new boolean[path.length() + 1]; // how much of the path the tokens so far can stand for
        reached[0] = true;
        for (Token token : tokens) {
            reached = after(token, reached, path);
        }
        return reached[path.length()];
    }

    private static boolean[] after(Token token, boolean[] before, String path) {
        boolean[] after = new boolean[before.length];
        boolean begun = false;
        for (int i = 0; i < before.length; i++) {
            boolean isFolderBefore = i > 0 && path.charAt(i - 1) == '/';
            boolean reachable = i > 0 && before[i - 1];
            after[i] = switch (token.kind) {
                case CHARACTER -> reachable && path.charAt(i - 1) == token.character;
                case ONE -> reachable && !isFolderBefore;
                case NAME -> before[i] || i > 0 && after[i - 1] && !isFolderBefore;
                case ANY -> before[i] || i > 0 && after[i - 1];
                case FOLDERS -> before[i] || begun && isFolderBefore;
            };
            begun |= before[i];
        }
        return after;
    }
}
