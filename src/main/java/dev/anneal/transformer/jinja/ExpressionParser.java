package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions, with Jinja's precedence of operators. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Kind> VALUES = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
    private static final int MAX_DEPTH = 200;

    private final Tokens tokens;
    private int depth;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    Expression whole() {
        return conditional();
    }

    /** Parses the items of a loop, in which {@code if} starts a condition for each of them. */
    Expression withoutCondition() {
        return or();
    }

    private Expression conditional() {
        if (++depth > MAX_DEPTH) {
            throw new JinjaException("an expression is nested too deeply");
        }
        Expression value = or();
        while (tokens.skip(Kind.NAME, "if")) {
            Expression then = value;
            Expression condition = or();
            Expression otherwise =
                    tokens.skip(Kind.NAME, "else") ? conditional() : scope -> new Undefined("the inline if");
            value = scope -> Values.isTrue(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
        }
        depth--;
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skip(Kind.NAME, "or")) {
            Expression first = left;
            Expression second = and();
            left = scope -> {
                Object value = first.value(scope);
                return Values.isTrue(value) ? value : second.value(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skip(Kind.NAME, "and")) {
            Expression first = left;
            Expression second = not();
            left = scope -> {
                Object value = first.value(scope);
                return Values.isTrue(value) ? second.value(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (tokens.skip(Kind.NAME, "not")) {
            Expression negated = not();
            return scope -> !Values.isTrue(negated.value(scope));
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = sum();
        Expression all = null;
        while (true) {
            Token token = tokens.peek();
            boolean notIn = token.is(Kind.NAME, "not") && tokens.peek(1).is(Kind.NAME, "in");
            boolean compares = token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text());
            if (!compares && !notIn && !token.is(Kind.NAME, "in")) {
                return all == null ? left : all;
            }
            tokens.next();
            if (notIn) {
                tokens.next();
            }
            Expression first = left;
            Expression second = sum();
            String operator = notIn ? "not in" : token.text();
            Expression one = scope -> Values.compare(operator, first.value(scope), second.value(scope));
            Expression before = all;
            all = before == null ? one : scope -> Values.isTrue(before.value(scope)) ? one.value(scope) : false;
            left = second;
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (isNext("+", "-")) {
            String operator = tokens.next().text();
            Expression first = left;
            Expression second = concatenation();
            left = scope -> Values.calculate(operator, first.value(scope), second.value(scope));
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.skip(Kind.OPERATOR, "~")) {
            Expression first = left;
            Expression second = product();
            left = scope -> Values.text(first.value(scope)) + Values.text(second.value(scope));
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (isNext("*", "/", "//", "%")) {
            String operator = tokens.next().text();
            Expression first = left;
            Expression second = power();
            left = scope -> Values.calculate(operator, first.value(scope), second.value(scope));
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skip(Kind.OPERATOR, "**")) {
            Expression first = left;
            Expression second = unary(true);
            left = scope -> Values.calculate("**", first.value(scope), second.value(scope));
        }
        return left;
    }

    private boolean isNext(String... operators) {
        return tokens.peek().kind() == Kind.OPERATOR
                && List.of(operators).contains(tokens.peek().text());
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (isNext("-", "+")) {
            String sign = tokens.next().text();
            Expression number = unary(false);
            value = scope -> Values.calculate(sign, 0L, number.value(scope));
        } else {
            value = postfix(primary());
        }
        return withFilters ? filtered(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        switch (token.kind()) {
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                String value = text.toString();
                return scope -> value;
            }
            case INTEGER -> {
                long value = Long.parseLong(token.text());
                return scope -> value;
            }
            case FLOAT -> {
                double value = Double.parseDouble(token.text());
                return scope -> value;
            }
            case NAME -> {
                return switch (token.text()) {
                    case "true", "True" -> scope -> true;
                    case "false", "False" -> scope -> false;
                    case "none", "None" -> scope -> null;
                    default -> scope -> scope.get(token.text());
                };
            }
            default -> {
                return switch (token.text()) {
                    case "(" -> inParentheses();
                    case "[" -> list("]");
                    case "{" -> dictionary();
                    default -> throw new JinjaException("unexpected '" + token.text() + "'");
                };
            }
        }
    }

    private Expression inParentheses() {
        if (tokens.skip(Kind.OPERATOR, ")")) {
            return scope -> List.of();
        }
        Expression first = conditional();
        if (tokens.skip(Kind.OPERATOR, ")")) {
            return first;
        }
        tokens.expect(Kind.OPERATOR, ",");
        Expression rest = list(")");
        return scope -> {
            List<Object> all = new ArrayList<>();
            all.add(first.value(scope));
            all.addAll(Values.items(rest.value(scope)));
            return all;
        };
    }

    private Expression list(String close) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skip(Kind.OPERATOR, close)) {
            items.add(conditional());
            if (!tokens.isNext(Kind.OPERATOR, close)) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return scope -> {
            List<Object> values = new ArrayList<>();
            items.forEach(item -> values.add(item.value(scope)));
            return values;
        };
    }

    private Expression dictionary() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.skip(Kind.OPERATOR, "}")) {
            Expression key = conditional();
            tokens.expect(Kind.OPERATOR, ":");
            entries.put(key, conditional());
            if (!tokens.isNext(Kind.OPERATOR, "}")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return scope -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            entries.forEach((key, value) -> map.put(key.value(scope), value.value(scope)));
            return map;
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression base = value;
            if (tokens.skip(Kind.OPERATOR, ".")) {
                Token name = tokens.next();
                value = name.kind() == Kind.INTEGER
                        ? scope -> Values.item(base.value(scope), Long.parseLong(name.text()))
                        : scope -> Values.attribute(base.value(scope), name.text());
            } else if (tokens.skip(Kind.OPERATOR, "[")) {
                value = subscript(base);
            } else if (tokens.isNext(Kind.OPERATOR, "(")) {
                value = call(base);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression base) {
        List<Expression> parts = new ArrayList<>();
        boolean slice = false;
        Expression part = null;
        while (!tokens.skip(Kind.OPERATOR, "]")) {
            if (tokens.skip(Kind.OPERATOR, ":")) {
                parts.add(part);
                part = null;
                slice = true;
            } else {
                part = conditional();
            }
        }
        parts.add(part);
        if (!slice) {
            Expression index = part;
            if (index == null) {
                throw new JinjaException("an index is missing");
            }
            return scope -> Values.item(base.value(scope), index.value(scope));
        }
        return scope -> {
            Long[] bounds = new Long[3];
            for (int i = 0; i < parts.size(); i++) {
                Object bound = parts.get(i) == null ? null : parts.get(i).value(scope);
                bounds[i] = bound == null ? null : Values.integer(bound);
            }
            return Values.slice(base.value(scope), bounds[0], bounds[1], bounds[2]);
        };
    }

    /** Parses the positional and named arguments of a call. */
    private record Arguments(List<Expression> plain, Map<String, Expression> named) {
        List<Object> values(Scope scope) {
            List<Object> values = new ArrayList<>();
            plain.forEach(argument -> values.add(argument.value(scope)));
            return values;
        }

        Map<String, Object> namedValues(Scope scope) {
            Map<String, Object> values = new LinkedHashMap<>();
            named.forEach((name, argument) -> values.put(name, argument.value(scope)));
            return values;
        }
    }

    private Arguments arguments() {
        Arguments arguments = new Arguments(new ArrayList<>(), new LinkedHashMap<>());
        tokens.expect(Kind.OPERATOR, "(");
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            if (tokens.peek().kind() == Kind.NAME && tokens.peek(1).is(Kind.OPERATOR, "=")) {
                String name = tokens.next().text();
                tokens.next();
                arguments.named().put(name, conditional());
            } else {
                arguments.plain().add(conditional());
            }
            if (!tokens.isNext(Kind.OPERATOR, ")")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return arguments;
    }

    private Expression call(Expression function) {
        Arguments arguments = arguments();
        return scope -> {
            scope.step();
            Object called = function.value(scope);
            if (called instanceof Callable callable) {
                return callable.call(arguments.values(scope), arguments.namedValues(scope));
            }
            throw new JinjaException(
                    called instanceof Undefined missing ? missing.message() : "a value cannot be called");
        };
    }

    private Expression filtered(Expression start) {
        Expression value = start;
        while (true) {
            Expression base = value;
            if (tokens.skip(Kind.OPERATOR, "|")) {
                String name = tokens.expect(Kind.NAME).text();
                Filters.check(name);
                Arguments arguments =
                        tokens.isNext(Kind.OPERATOR, "(") ? arguments() : new Arguments(List.of(), Map.of());
                value = scope ->
                        Filters.apply(name, base.value(scope), arguments.values(scope), arguments.namedValues(scope));
            } else if (tokens.skip(Kind.NAME, "is")) {
                value = test(base);
            } else if (tokens.isNext(Kind.OPERATOR, "(")) {
                value = call(base);
            } else {
                return value;
            }
        }
    }

    private Expression test(Expression base) {
        boolean negated = tokens.skip(Kind.NAME, "not");
        String name = tokens.expect(Kind.NAME).text();
        Tests.check(name);
        List<Expression> arguments = List.of();
        if (tokens.isNext(Kind.OPERATOR, "(")) {
            arguments = arguments().plain();
        } else if (isArgument()) {
            arguments = List.of(postfix(primary()));
        }
        List<Expression> given = arguments;
        return scope -> {
            List<Object> values = new ArrayList<>();
            given.forEach(argument -> values.add(argument.value(scope)));
            return negated != Tests.holds(name, base.value(scope), values);
        };
    }

    private boolean isArgument() {
        Token token = tokens.peek();
        boolean word = Set.of("else", "or", "and", "if", "is", "not", "in").contains(token.text());
        return (VALUES.contains(token.kind()) && !(token.kind() == Kind.NAME && word)) || isNext("[", "{");
    }
}
