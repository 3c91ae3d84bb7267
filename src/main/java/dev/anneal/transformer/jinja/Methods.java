package dev.anneal.transformer.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's strings and dictionaries that have no side effects. */
final class Methods {
    private Methods() {}

    /** Returns the method of a value, or null if it has none of that name. */
    static @Nullable Callable of(@Nullable Object base, String name) {
        if (base instanceof String text) {
            return ofString(text, name);
        }
        return base instanceof Map<?, ?> map ? ofDictionary(map, name) : null;
    }

    private static @Nullable Callable ofDictionary(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> (arguments, named) -> Filters.entries(map);
            case "keys" -> (arguments, named) -> new ArrayList<>(Values.items(map));
            case "values" -> (arguments, named) -> new ArrayList<>(Values.items(map.values()));
            case "get" ->
                (arguments, named) -> map.containsKey(Values.key(arguments.get(0)))
                        ? map.get(arguments.get(0))
                        : arguments.size() > 1 ? arguments.get(1) : null;
            default -> null;
        };
    }

    private static @Nullable Callable ofString(String text, String name) {
        Callable method = unlimited(text, name);
        return method == null
                ? null
                : (arguments, named) -> {
                    Budget.characters(text.length());
                    return method.call(arguments, named);
                };
    }

    private static @Nullable Callable unlimited(String text, String name) {
        return switch (name) {
            case "strip" -> (arguments, named) -> strip(text, first(arguments), true, true);
            case "lstrip" -> (arguments, named) -> strip(text, first(arguments), true, false);
            case "rstrip" -> (arguments, named) -> strip(text, first(arguments), false, true);
            case "startswith" -> (arguments, named) -> any(text, arguments.get(0), text::startsWith);
            case "endswith" -> (arguments, named) -> any(text, arguments.get(0), text::endsWith);
            case "split" -> (arguments, named) -> split(text, first(arguments), most(arguments, named));
            case "splitlines" -> (arguments, named) -> lines(text);
            case "replace" -> (arguments, named) -> replaced(text, arguments);
            case "upper" -> (arguments, named) -> text.toUpperCase(Locale.ROOT);
            case "lower" -> (arguments, named) -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> (arguments, named) -> capitalized(text);
            case "title" -> (arguments, named) -> title(text);
            case "find" -> (arguments, named) -> (long) text.indexOf(searched(text, arguments));
            case "rfind" -> (arguments, named) -> (long) text.lastIndexOf(searched(text, arguments));
            case "count" ->
                (arguments, named) -> split(text, string(arguments), -1).size() - 1L;
            case "join" -> (arguments, named) -> joined(text, arguments.get(0));
            case "removeprefix" ->
                (arguments, named) -> text.startsWith(string(arguments))
                        ? text.substring(string(arguments).length())
                        : text;
            case "removesuffix" ->
                (arguments, named) -> text.endsWith(string(arguments))
                        ? text.substring(0, text.length() - string(arguments).length())
                        : text;
            case "isdigit" ->
                (arguments, named) -> !text.isEmpty() && text.chars().allMatch(Character::isDigit);
            default -> null;
        };
    }

    private static @Nullable String first(List<Object> arguments) {
        return arguments.isEmpty() ? null : (String) arguments.get(0);
    }

    private static String string(List<Object> arguments) {
        String first = first(arguments);
        if (first == null) {
            throw new JinjaException("a method of a string needs an argument");
        }
        return first;
    }

    private static String searched(String text, List<Object> arguments) {
        String piece = string(arguments);
        Budget.search(text, piece);
        return piece;
    }

    private static List<String> lines(String text) {
        List<String> lines = text.lines().toList();
        Budget.steps(lines.size());
        return lines;
    }

    private static String joined(String separator, @Nullable Object items) {
        StringBuilder joined = new StringBuilder();
        String before = "";
        for (Object item : Values.items(items)) {
            if (!(item instanceof String text)) {
                throw new JinjaException("join() can join only strings");
            }
            Budget.append(joined, before);
            Budget.append(joined, text);
            before = separator;
        }
        return joined.toString();
    }

    /** Replaces a text by another, at most as often as a third argument says. */
    static String replaced(String text, List<Object> arguments) {
        String old = (String) arguments.get(0);
        String other = (String) arguments.get(1);
        long most = arguments.size() > 2 ? Values.integer(arguments.get(2)) : -1;
        Budget.search(text, old);
        StringBuilder replaced = new StringBuilder();
        int from = 0;
        int at = text.indexOf(old);
        for (long count = 0; at >= 0 && (most < 0 || count < most); count++) {
            Budget.append(replaced, text.substring(from, at));
            Budget.append(replaced, other);
            // An empty text is found before each character and at the end.
            int end = at + old.length();
            if (old.isEmpty() && at < text.length()) {
                replaced.append(text.charAt(at));
            }
            from = old.isEmpty() ? Math.min(at + 1, text.length()) : end;
            at = old.isEmpty() && at == text.length() ? -1 : text.indexOf(old, from);
        }
        Budget.append(replaced, text.substring(from));
        return replaced.toString();
    }

    /** Returns whether an affix matches, or one of a list. Each is compared with the text. */
    private static boolean any(String text, @Nullable Object affixes, Predicate<String> matches) {
        Collection<?> all = affixes instanceof List<?> list ? Values.items(list) : Arrays.asList(affixes);
        for (Object affix : all) {
            if (!(affix instanceof String each)) {
                throw new JinjaException("only strings can start or end a string");
            }
            Budget.characters(Math.min(text.length(), each.length()));
            if (matches.test(each)) {
                return true;
            }
        }
        return false;
    }

    static String strip(String text, @Nullable String characters, boolean start, boolean end) {
        Budget.search(text, characters);
        int from = 0;
        int to = text.length();
        while (start && from < to && isIn(text.charAt(from), characters)) {
            from++;
        }
        while (end && to > from && isIn(text.charAt(to - 1), characters)) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isIn(char character, @Nullable String characters) {
        // Python strips no-break spaces too, which are not white space in Java.
        return characters == null
                ? Character.isWhitespace(character) || Character.isSpaceChar(character) || character == '\u0085'
                : characters.indexOf(character) >= 0;
    }

    private static long most(List<Object> arguments, Map<String, Object> named) {
        Object most = arguments.size() > 1 ? arguments.get(1) : named.get("maxsplit");
        return most == null ? -1 : Values.integer(most);
    }

    /** Splits at most {@code most} times, without limit if it is negative; at white space if there is no separator. */
    private static List<Object> split(String text, @Nullable String separator, long most) {
        Budget.search(text, separator);
        Budget.steps(text.length() / 8);
        int limit = most < 0 ? -1 : (int) Math.min(most + 1, Integer.MAX_VALUE);
        if (separator == null) {
            String rest = text.strip();
            List<Object> words =
                    rest.isEmpty() ? List.of() : Arrays.<Object>asList((Object[]) rest.split("\\s+", limit));
            Budget.steps(words.size());
            return words;
        }
        if (separator.isEmpty()) {
            throw new JinjaException("split() needs a separator that is not empty");
        }
        List<Object> parts = new ArrayList<>();
        int from = 0;
        int at = text.indexOf(separator);
        while (at >= 0 && (limit < 0 || parts.size() < limit - 1)) {
            Budget.steps(1);
            parts.add(text.substring(from, at));
            from = at + separator.length();
            at = text.indexOf(separator, from);
        }
        parts.add(text.substring(from));
        return parts;
    }

    static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inWord = false;
        for (char c : text.toCharArray()) {
            title.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return title.toString();
    }
}
