package dev.anneal.transformer.jinja;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Templates that were made to fail: wrong types, mutations of real templates, and those that need much time or memory. */
public final class HostileTemplates {
    private static final Path REAL = Path.of("src/test/resources/chat");
    private static final List<String> VALUES = List.of(
            "''",
            "'a b'",
            "'7'",
            "0",
            "-3",
            "9223372036854775807",
            "2.5",
            "true",
            "none",
            "missing",
            "[]",
            "[3, 'x', none]",
            "[[1], {}]",
            "{}",
            "{'a': 1, 2: [3]}",
            "range",
            "namespace(a=1)",
            "messages",
            "range(3)",
            "''.strip");
    private static final List<String> ARGUMENTS = List.of(
            "",
            "()",
            "('')",
            "('a')",
            "('x', 'y')",
            "(0)",
            "(-1)",
            "(2.5)",
            "(none)",
            "([])",
            "({})",
            "(missing)",
            "(range)",
            "(9223372036854775807)",
            "('a', -9223372036854775807)",
            "('sort', 1, 2, 3)",
            "(attribute='a')",
            "(attribute=1, boolean=2, width='x', indent=-1, maxsplit='y')");
    private static final List<String> OPERATORS = List.of(
            "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or");
    private static final List<String> METHODS = List.of(
            "strip",
            "lstrip",
            "rstrip",
            "startswith",
            "endswith",
            "split",
            "splitlines",
            "replace",
            "upper",
            "lower",
            "capitalize",
            "title",
            "find",
            "rfind",
            "count",
            "join",
            "removeprefix",
            "removesuffix",
            "isdigit",
            "items",
            "keys",
            "values",
            "get",
            "cycle",
            "a");
    private static final List<String> FUNCTIONS =
            List.of("raise_exception", "strftime_now", "range", "namespace", "dict", "missing", "loop.cycle");
    private static final List<String> PIECES = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{%-",
            "-%}",
            "'",
            "\"",
            "\\",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "|",
            ".",
            ":",
            ",",
            "is not",
            "if",
            "else",
            "endif",
            "for x in",
            "endfor",
            "set x",
            "endset",
            "macro m(",
            "endmacro",
            "raw",
            "endraw",
            "99999999999999999999",
            "1e999",
            "1.5e400",
            "\u0000",
            "\ud800",
            "🙂",
            " ",
            "\n",
            "not",
            "-",
            "**",
            "loop",
            "break",
            "continue",
            "generation");

    private HostileTemplates() {}

    /** Every filter, test, method, function and operator with values and arguments of every type. */
    public static Stream<String> wrongTypes() {
        List<String> all = new ArrayList<>();
        for (String value : VALUES) {
            for (String arguments : ARGUMENTS) {
                Filters.KNOWN.forEach(filter -> all.add("{{ " + value + " | " + filter + arguments + " }}"));
                Tests.KNOWN.stream()
                        .filter(test -> test.matches("\\w+"))
                        .forEach(test -> all.add("{{ " + value + " is " + test + arguments + " }}"));
                METHODS.forEach(method -> all.add("{{ (" + value + ")." + method + arguments + " }}"));
            }
            for (String other : VALUES) {
                OPERATORS.forEach(operator -> all.add("{{ " + value + " " + operator + " " + other + " }}"));
                all.add("{{ (" + value + ")[" + other + "] }}");
                all.add("{{ (" + value + ")[" + other + ":" + other + ":" + other + "] }}");
                all.add("{{ {" + value + ": " + other + "} | tojson }}");
                all.add("{% for a, b in " + value + " %}{{ a }}{% else %}{{ " + other + " }}{% endfor %}");
                all.add("{{ " + value + " if " + other + " }}");
            }
            all.add("{% set a, b = " + value + " %}{{ a }}");
            all.add("{% set ns = " + value + " %}{% set ns.a = 1 %}{{ ns.a }}");
            all.add("{{ -" + value + " }}");
            all.add("{{ not " + value + " }}");
            all.add("{{ " + value + "(1) }}");
            all.add("{% set x %}{{ " + value + " }}{% endset %}{{ x }}");
            all.add("{% for x in " + value + " %}{{ loop.cycle() }}{{ loop.previtem.a }}{% endfor %}");
            for (String second : List.of("map", "select", "reject", "selectattr", "rejectattr")) {
                for (String name : List.of("'int'", "'odd'", "'nothing'", "1", "''", "none", "'map', 'map'")) {
                    all.add("{{ " + value + " | " + second + "(" + name + ") | list }}");
                }
            }
        }
        for (String function : FUNCTIONS) {
            ARGUMENTS.forEach(arguments -> all.add("{% for x in [1] %}{{ " + function + arguments + " }}{% endfor %}"));
            all.add("{{ " + function + "(1, 2, 0) }}{{ " + function + "(1, 2, 'x') }}");
        }
        return all.stream();
    }

    /** Real templates with pieces cut out, doubled, exchanged or put in. */
    public static Stream<String> mutations(long seed) {
        Random random = new Random(seed);
        List<String> real = real();
        return Stream.generate(() -> {
            StringBuilder text = new StringBuilder(real.get(random.nextInt(real.size())));
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(text.length() + 1);
                int end = Math.min(text.length(), at + random.nextInt(30));
                String cut = text.substring(at, end);
                switch (random.nextInt(4)) {
                    case 0 -> text.delete(at, end);
                    case 1 -> text.insert(random.nextInt(text.length() + 1), cut);
                    case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                    default -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                }
            }
            return text.toString();
        });
    }

    private static List<String> real() {
        try (Stream<Path> files = Files.list(REAL)) {
            List<String> texts = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jinja")).sorted().toList()) {
                texts.add(Files.readString(file));
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Templates that would need much time, memory or stack. */
    public static Stream<String> greedy() {
        int many = 100_000;
        String affixes =
                "{% set a = 'a' * 2000000 %}{% set ns = namespace(x=['a' * 1999999 ~ 'b', 'b' ~ 'a' * 1999999]) %}"
                        + "{% for i in range(16) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ METHOD(ns.x) }}";
        String name = "a".repeat(2 * many);
        String doubled = "{% set ns = namespace(x=VALUE) %}{% for i in range(60) %}{% set ns.x = OP %}{% endfor %}";
        return Stream.of(
                "{{ 1" + "+1".repeat(many) + " }}",
                "{{ 1" + "~1".repeat(many) + " }}",
                "{{ 1" + "*1".repeat(many) + " }}",
                "{{ 1" + "**1".repeat(many) + " }}",
                "{{ 1" + "<1".repeat(many) + " }}",
                "{{ 1" + " or 1".repeat(many / 2) + " }}",
                "{{ 0" + " and 1".repeat(many / 2) + " }}",
                "{{ " + "not ".repeat(many / 2) + "1 }}",
                "{{ " + "-".repeat(many) + "1 }}",
                "{{ " + "(".repeat(many) + " }}",
                "{{ " + "[".repeat(many) + "]".repeat(many) + " }}",
                "{{ " + "{1:".repeat(many / 2) + "1" + "}".repeat(many / 2) + " }}",
                "{{ 1" + " if 1".repeat(many / 2) + " }}",
                "{{ 1" + " if 1 else 1".repeat(many / 10) + " }}",
                "{{ messages" + ".a".repeat(many) + " }}",
                "{{ messages" + "[0]".repeat(many / 2) + " }}",
                "{{ messages" + "()".repeat(many) + " }}",
                "{{ 'a'" + "|upper".repeat(many / 4) + " }}",
                "{{ 1" + " is odd".repeat(many / 5) + " }}",
                "{{ 'a'" + ".strip()".repeat(many / 8) + " }}",
                "{{ '" + "a\\\\".repeat(many / 2) + "' }}",
                "{{ '" + "\\'".repeat(many) + " }}",
                "{{ '" + "a".repeat(2 * many) + " }}",
                "{{ " + " ".repeat(2 * many),
                "{{ " + "1".repeat(2 * many) + " }}",
                "{{ " + "1".repeat(many) + "." + "1".repeat(many / 2) + " }}",
                "{{ 'a' 'b' ".repeat(1) + "'c' ".repeat(many / 3) + "}}",
                "{% raw %}".repeat(many / 5),
                "{#".repeat(many),
                "{{".repeat(many),
                "{%".repeat(many),
                "\n".repeat(2 * many) + "{{ a }}".repeat(1000),
                "{{ a }}\n".repeat(many / 4),
                "{% if 1 %}".repeat(many / 10) + "{% endif %}".repeat(many / 10),
                "{% if 0 %}" + "{% elif 0 %}".repeat(many / 10) + "{% endif %}",
                "{% for x in [1] %}".repeat(many / 10) + "{% endfor %}".repeat(many / 10),
                "{% macro m(x) %}".repeat(many / 10) + "{% endmacro %}".repeat(many / 10),
                "{% set x %}".repeat(many / 10) + "{% endset %}".repeat(many / 10),
                "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
                "{% macro m(n) %}" + "{% if 1 %}".repeat(30) + "{{ " + "(1 + ".repeat(50) + "m(n)" + ")".repeat(50)
                        + " }}" + "{% endif %}".repeat(30) + "{% endmacro %}{{ m(0) }}",
                "{% macro a() %}{{ b() }}{{ b() }}{% endmacro %}{% macro b() %}{{ c() }}{{ c() }}{% endmacro %}"
                        + "{% macro c() %}{{ a() }}{% endmacro %}{{ a() }}",
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% for a in range(100000) %}{% for b in range(100000) if false %}{% endfor %}{% endfor %}",
                "{% for a in range(10000) %}{% set x = range(100000) %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = messages | tojson %}{% endfor %}",
                "{{ range(0, 9223372036854775807, 9223372036854775806) }}{{ range(-9223372036854775807, 9223372036854775807, 4611686018427387904) | list }}",
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x + ns.x"),
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x ~ ns.x"),
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x * 2"),
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x.replace('a', 'aa').replace('b', 'bb')"),
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x.replace('', ns.x)"),
                doubled.replace("VALUE", "'ab'").replace("OP", "[ns.x, ns.x] | join(ns.x)"),
                doubled.replace("VALUE", "'ab'").replace("OP", "ns.x.join([ns.x, ns.x])"),
                doubled.replace("VALUE", "'a\\nb'").replace("OP", "(ns.x ~ ns.x) | indent(1000)"),
                doubled.replace("VALUE", "'a\\nb'").replace("OP", "ns.x | indent(ns.x)"),
                doubled.replace("VALUE", "[1, 2]").replace("OP", "ns.x + ns.x"),
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ ns.x }}",
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ ns.x | tojson }}",
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ ns.x == ns.x + [] }}",
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ [ns.x, ns.x + []] | unique }}",
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ {ns.x: 1} }}",
                doubled.replace("VALUE", "[1, 2]").replace("OP", "[ns.x, ns.x]") + "{{ ns.x in {1: 2} }}",
                doubled.replace("VALUE", "{1: 2}").replace("OP", "{1: ns.x, 2: ns.x}") + "{{ ns.x == dict(a=ns.x).a }}",
                doubled.replace("VALUE", "{1: 2}").replace("OP", "{1: ns.x, 2: ns.x}") + "{{ ns.x }}",
                "{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns }}{{ ns == ns }}{{ [ns] | unique }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}",
                "{% set ns = namespace(x=[], y=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}"
                        + "{% endfor %}{{ ns.x == ns.y }}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ ('a' * 100000 ~ 'b') in a }}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ a.count('aaaaaaaaaaaab') }}{% endfor %}",
                affixes.replace("METHOD", "a.startswith"),
                affixes.replace("METHOD", "a.endswith"),
                "{% set a = 'a' * 4000000 %}{% set b = 'b' * 2000000 ~ 'a' %}{{ a.strip(b) }}{{ a | trim(b) }}",
                "{% set a = 'ꙮ' * 1000000 %}{% for i in range(100000) %}{% set x = a | length %}{% endfor %}",
                "{% set a = 'ꙮ' * 4000000 %}{% set d = {'ꙮ' * 4000000: 1} %}{% for i in range(100000) %}{% set x = a in d %}{% endfor %}",
                "{% set a = 'ꙮ' * 4000000 %}{% set d = {'ꙮ' * 4000000: 1} %}{% for i in range(100000) %}{% set x = d[a] %}{% endfor %}",
                "{% set a = 'ꙮ' * 4000000 %}{% set d = {'ꙮ' * 4000000: 1} %}{% for i in range(100000) %}{% set x = d.get(a) %}{% endfor %}",
                "{% set a = {'ꙮ' * 4000000: 1} %}{% set b = {'ꙮ' * 4000000: 1} %}{% for i in range(100000) %}{% set x = a == b %}{% endfor %}",
                "{% set a = ['ꙮ' * 2000000, 'ꙮ' * 2000000] %}{% for i in range(100000) %}{% set x = a | unique %}{% endfor %}",
                "{% set a = {"
                        + IntStream.range(0, many / 2).mapToObj(i -> i + ":0,").collect(Collectors.joining())
                        + "} %}{% for i in range(100000) %}{% set x = namespace(a) %}{% endfor %}",
                "{% set " + name + " = 1 %}{% for i in range(100000) %}{% set x = " + name + " %}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ a.find('ab' * 1000) }}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ (a ~ 'x') < (a ~ 'y') }}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ a | upper | lower | title | trim('b') | length }}{% endfor %}",
                "{% set a = ' ' * 1000000 %}{% for i in range(100000) %}{% set x = a.strip() %}{% endfor %}",
                "{% set a = 'a ' * 500000 %}{% for i in range(100000) %}{% set x = a.split() %}{% endfor %}",
                "{% set a = 'a ' * 500000 %}{% for i in range(100000) %}{% set x = a | list %}{% endfor %}",
                "{% set a = 'a ' * 500000 %}{% for i in range(100000) %}{% set x = a[::-1] %}{% endfor %}",
                "{% set a = 'a ' * 500000 %}{% for i in range(100000) %}{% set x = a[i] %}{% endfor %}",
                "{% set a = 'a ' * 500000 %}{% for i in range(100000) %}{% set x = a | first %}{% endfor %}",
                "{% set a = '1' * 500000 %}{% for i in range(100000) %}{% set x = a | float %}{% set y = a | int %}{% endfor %}",
                "{% set a = range(90000) %}{% for i in range(100000) %}{% set x = a | sort | sum %}{% endfor %}",
                "{% set a = range(90000) %}{% for i in range(100000) %}{{ -1 in a }}{% endfor %}",
                "{% set a = range(90000) | list %}{% for i in range(100000) %}{{ a == a + [] }}{{ a[1:] | max }}{% endfor %}",
                "{{ 'x' * 1000000000 }}",
                "{{ 'x' * 30000000 }}{{ 'x' * 30000000 }}{{ 'x' * 30000000 }}",
                "{% for i in range(100000) %}{{ 'x' * 1000000 }}{% endfor %}",
                "{% for i in range(100000) %}{{ strftime_now('%Y' * 100000) }}{% endfor %}",
                "{{ strftime_now('%Y' * 10000000) }}",
                "{{ dict(" + "a=1,".repeat(many / 4) + ") }}");
    }
}
