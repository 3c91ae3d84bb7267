package dev.anneal.transformer.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Python's operations on values: truth, text, items, arithmetic and comparison. */
final class Values {
    private Values() {}

    static boolean isTrue(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        } else if (value instanceof String text) {
            return !text.isEmpty();
        } else if (value instanceof Number number) {
            return number.doubleValue() != 0;
        } else if (value instanceof Collection<?> items) {
            return !items.isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return value != null && !(value instanceof Undefined);
    }

    /** Returns the text of a value, as {@code print} shows it. */
    static String text(@Nullable Object value) {
        return value instanceof String text ? text : value instanceof Undefined ? "" : shown(value);
    }

    /** Returns the text of a value, as it is shown inside a list. */
    private static String shown(@Nullable Object value) {
        StringBuilder text = new StringBuilder();
        show(value, text, 0);
        return text.toString();
    }

    private static void show(@Nullable Object value, StringBuilder out, int depth) {
        Budget.depth(depth);
        Budget.steps(1);
        if (value instanceof Collection<?> items) {
            out.append('[');
            String comma = "";
            for (Object item : items) {
                Budget.append(out, comma);
                show(item, out, depth + 1);
                comma = ", ";
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            String comma = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                Budget.append(out, comma);
                show(entry.getKey(), out, depth + 1);
                out.append(": ");
                show(entry.getValue(), out, depth + 1);
                comma = ", ";
            }
            out.append('}');
        } else {
            Budget.append(out, shownAlone(value));
        }
    }

    private static String shownAlone(@Nullable Object value) {
        if (value == null) {
            return "None";
        } else if (value instanceof Boolean truth) {
            return truth ? "True" : "False";
        } else if (value instanceof String text) {
            String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
            return quote + text.replace("\\", "\\\\").replace("\n", "\\n").replace(quote, "\\" + quote) + quote;
        } else if (value instanceof Number) {
            return value.toString();
        }
        throw new JinjaException("a value cannot be converted to text");
    }

    /** Returns the items of a value. Reading each of them is a step. */
    static Collection<?> items(@Nullable Object value) {
        if (value instanceof Collection<?> items) {
            Budget.steps(items.size());
            return items;
        } else if (value instanceof Map<?, ?> map) {
            Budget.steps(map.size());
            return map.keySet();
        } else if (value instanceof String text) {
            Budget.steps(text.length());
            return text.codePoints().mapToObj(Character::toString).toList();
        }
        throw new JinjaException(value instanceof Undefined missing ? missing.message() : "a value cannot be iterated");
    }

    /** {@code base.name}: a method, or an entry of a dictionary. */
    static @Nullable Object attribute(@Nullable Object base, String name) {
        if (base instanceof Namespace namespace) {
            return entry(namespace.fields(), name);
        }
        Callable method = Methods.of(base, name);
        if (method != null && !(base instanceof Map<?, ?> map && map.containsKey(name))) {
            return method;
        }
        return item(base, name);
    }

    /** {@code base[key]}, undefined if there is no such item. */
    static @Nullable Object item(@Nullable Object base, @Nullable Object key) {
        if (base instanceof Map<?, ?> map) {
            return entry(map, key);
        } else if (base instanceof Undefined missing) {
            throw new JinjaException(missing.message());
        } else if (key instanceof Number && base instanceof List<?> items) {
            long index = integer(key) < 0 ? integer(key) + items.size() : integer(key);
            return index >= 0 && index < items.size() ? items.get((int) index) : new Undefined("item " + key);
        } else if (key instanceof Number && base instanceof String text) {
            Budget.characters(text.length());
            int size = text.codePointCount(0, text.length());
            long index = integer(key) < 0 ? integer(key) + size : integer(key);
            return index >= 0 && index < size
                    ? Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) index)))
                    : new Undefined("item " + key);
        }
        return new Undefined(name(key));
    }

    private static @Nullable Object entry(Map<?, ?> map, @Nullable Object key) {
        return map.containsKey(key(key)) ? map.get(key) : new Undefined(name(key));
    }

    /** Returns the name of an item that is missing. */
    private static String name(@Nullable Object key) {
        return key instanceof Collection || key instanceof Map ? "an item" : text(key);
    }

    /** Refuses a key whose comparison could need much time, as Python does, and counts that of another one. */
    static @Nullable Object key(@Nullable Object key) {
        if (key instanceof Collection || key instanceof Map) {
            throw new JinjaException("a list or a dictionary cannot be a key");
        }
        if (key instanceof String text) {
            Budget.characters(text.length()); // it is compared with an equal key
        }
        return key;
    }

    static List<?> list(@Nullable Object value) {
        Collection<?> items = items(value);
        return items instanceof List<?> list ? list : new ArrayList<>(items);
    }

    static @Nullable Object slice(@Nullable Object base, @Nullable Long from, @Nullable Long to, @Nullable Long step) {
        List<?> items = list(base);
        long by = step == null ? 1 : step;
        if (by == 0) {
            throw new JinjaException("the step of a slice cannot be 0");
        }
        int size = items.size();
        long first = bound(from, by > 0 ? 0 : size - 1, size, by);
        long last = to == null ? (by > 0 ? size : -1) : bound(to, 0, size, by);
        Budget.steps(size);
        List<Object> taken = new ArrayList<>();
        for (long i = first; by > 0 ? i < last : i > last; i += by) {
            taken.add(items.get((int) i));
        }
        return base instanceof String ? taken.stream().map(Object::toString).collect(Collectors.joining()) : taken;
    }

    private static long bound(@Nullable Long given, long otherwise, int size, long step) {
        if (given == null) {
            return otherwise;
        }
        long bound = given < 0 ? given + size : given;
        return step > 0 ? Math.max(0, Math.min(bound, size)) : Math.max(-1, Math.min(bound, size - 1));
    }

    static long integer(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        } else if (value instanceof Number number && !(value instanceof Double)) {
            return number.longValue();
        }
        throw new JinjaException(
                value instanceof String text
                        ? JinjaException.quote(text) + " is not an integer"
                        : "a value is not an integer");
    }

    private static boolean isFraction(@Nullable Object value) {
        return value instanceof Double || value instanceof Float;
    }

    private static double number(@Nullable Object value) {
        return value instanceof Number fraction && isFraction(value) ? fraction.doubleValue() : integer(value);
    }

    static @Nullable Object calculate(String operator, @Nullable Object left, @Nullable Object right) {
        for (Object side : Arrays.asList(left, right)) {
            if (side instanceof Undefined missing) {
                throw new JinjaException(missing.message());
            }
        }
        if (operator.equals("+") && left instanceof String first && right instanceof String second) {
            Budget.text((long) first.length() + second.length());
            return first + second;
        } else if (operator.equals("+") && left instanceof List<?> first && right instanceof List<?> second) {
            Budget.steps((long) first.size() + second.size());
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            return both;
        } else if (operator.equals("*") && left instanceof String text) {
            long times = Math.max(0, integer(right));
            Budget.text(text.length() * Math.min(times, Integer.MAX_VALUE));
            return text.repeat((int) times);
        } else if (operator.equals("+") && (left instanceof String || right instanceof String)) {
            throw new JinjaException("a string can be added only to a string");
        }
        if (operator.equals("/") || isFraction(left) || isFraction(right)) {
            return calculate(operator, number(left), number(right));
        }
        return calculate(operator, integer(left), integer(right));
    }

    private static @Nullable Object calculate(String operator, long left, long right) {
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            default -> (long) Math.pow(left, right);
        };
    }

    private static @Nullable Object calculate(String operator, double left, double right) {
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - right * Math.floor(left / right);
            default -> Math.pow(left, right);
        };
    }

    static boolean equal(@Nullable Object left, @Nullable Object right) {
        return equal(left, right, 0);
    }

    private static boolean equal(@Nullable Object left, @Nullable Object right, int depth) {
        Budget.depth(depth);
        Budget.steps(1);
        if (isNumber(left) && isNumber(right)) {
            return number(left) == number(right);
        } else if (left instanceof String first && right instanceof String second) {
            Budget.characters(Math.min(first.length(), second.length()));
            return first.equals(second);
        } else if (left instanceof List<?> first && right instanceof List<?> second) {
            boolean same = first.size() == second.size();
            for (int i = 0; same && i < first.size(); i++) {
                same = equal(first.get(i), second.get(i), depth + 1);
            }
            return same;
        } else if (left instanceof Map<?, ?> first && right instanceof Map<?, ?> second) {
            if (first.size() != second.size()) {
                return false;
            }
            Budget.steps(first.size());
            return first.entrySet().stream()
                    .allMatch(entry -> second.containsKey(key(entry.getKey()))
                            && equal(entry.getValue(), second.get(entry.getKey()), depth + 1));
        }
        return left == right || (left instanceof Undefined && right instanceof Undefined);
    }

    private static boolean isNumber(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static boolean compare(String operator, @Nullable Object left, @Nullable Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(left, right) < 0;
            case "<=" -> order(left, right) <= 0;
            case ">" -> order(left, right) > 0;
            default -> order(left, right) >= 0;
        };
    }

    static int order(@Nullable Object left, @Nullable Object right) {
        if (left instanceof String first && right instanceof String second) {
            Budget.characters(Math.min(first.length(), second.length()));
            return first.compareTo(second);
        }
        return Double.compare(number(left), number(right));
    }

    private static boolean contains(@Nullable Object whole, @Nullable Object part) {
        if (whole instanceof String text) {
            if (part instanceof String piece) {
                Budget.search(text, piece);
                return text.contains(piece);
            }
            throw new JinjaException("only a string can be searched for in a string");
        } else if (whole instanceof Map<?, ?> map) {
            return map.containsKey(key(part));
        }
        return whole instanceof Undefined ? false : items(whole).stream().anyMatch(item -> equal(item, part));
    }
}
