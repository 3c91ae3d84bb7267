package dev.anneal.transformer.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The functions that each template may call, the same as in transformers. */
final class Functions {
    private static final int MAX_RANGE = 100_000;
    private static final int MAX_FORMAT = 200;
    private static final Map<String, String> TIME_PATTERNS = Map.ofEntries(
            Map.entry("%Y", "yyyy"),
            Map.entry("%y", "yy"),
            Map.entry("%m", "MM"),
            Map.entry("%d", "dd"),
            Map.entry("%b", "MMM"),
            Map.entry("%B", "MMMM"),
            Map.entry("%a", "EEE"),
            Map.entry("%A", "EEEE"),
            Map.entry("%H", "HH"),
            Map.entry("%I", "hh"),
            Map.entry("%M", "mm"),
            Map.entry("%S", "ss"),
            Map.entry("%p", "a"),
            Map.entry("%j", "DDD"),
            Map.entry("%z", "xx"),
            Map.entry("%Z", "zzz"));

    static final Map<String, Callable> KNOWN = Map.of(
            "raise_exception",
                    (arguments, named) -> {
                        throw JinjaException.refusal(Values.text(arguments.get(0)));
                    },
            "strftime_now", (arguments, named) -> now((String) arguments.get(0)),
            "range", (arguments, named) -> range(arguments),
            "namespace", (arguments, named) -> namespace(arguments, named),
            "dict", (arguments, named) -> new LinkedHashMap<>(named));

    private Functions() {}

    private static String now(String format) {
        if (format.length() > MAX_FORMAT) {
            throw new JinjaException("the format of a time has more than " + MAX_FORMAT + " characters");
        }
        Budget.steps(1 + 10L * format.length());
        ZonedDateTime now = ZonedDateTime.now();
        return Pattern.compile("%-?([a-zA-Z%])")
                .matcher(format)
                .replaceAll(match -> Matcher.quoteReplacement(time(now, match.group(), match.group(1))));
    }

    private static String time(ZonedDateTime now, String directive, String letter) {
        String pattern = TIME_PATTERNS.get("%" + letter);
        if (pattern == null) {
            if (letter.equals("%")) {
                return "%";
            }
            throw new JinjaException("the time format " + directive + " is not supported");
        }
        String text = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
        return directive.startsWith("%-") ? text.replaceFirst("^0(?=\\d)", "") : text;
    }

    private static List<Object> range(List<Object> arguments) {
        long first = arguments.size() == 1 ? 0 : Values.integer(arguments.get(0));
        long last = Values.integer(arguments.get(arguments.size() == 1 ? 0 : 1));
        long step = arguments.size() > 2 ? Values.integer(arguments.get(2)) : 1;
        List<Object> numbers = new ArrayList<>();
        if (step == 0) {
            throw new JinjaException("the step of a range cannot be 0");
        }
        for (long i = first; step > 0 ? i < last : i > last; i = Math.addExact(i, step)) {
            Budget.steps(1);
            numbers.add(i);
            if (numbers.size() > MAX_RANGE) {
                throw new JinjaException("a range has more than " + MAX_RANGE + " numbers");
            }
        }
        return numbers;
    }

    private static Namespace namespace(List<Object> arguments, Map<String, Object> named) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (!arguments.isEmpty()) {
            Map<?, ?> given = (Map<?, ?>) arguments.get(0);
            Budget.steps(given.size());
            given.forEach((name, value) -> fields.put((String) name, value));
        }
        fields.putAll(named);
        return new Namespace(fields);
    }
}
