package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Parses expressions, with Jinja's precedence of operators. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Kind> VALUES = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);

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
        int outside = depth;
        Budget.depth(++depth);
        Expression value = or();
        while (tokens.skip(Kind.NAME, "if")) {
            Budget.depth(++depth);
            Expression then = value;
            Expression condition = or();
            Expression otherwise =
                    tokens.skip(Kind.NAME, "else") ? conditional() : scope -> new Undefined("the inline if");
            value = nested(scope -> Values.isTrue(condition.value(scope)) ? then.value(scope) : otherwise.value(scope));
        }
        depth = outside;
        return value;
    }

    /** Counts the nesting of the evaluation. */
    private static Expression nested(Expression expression) {
        return scope -> {
            Budget.enter();
            Object value = expression.value(scope);
            Budget.leave();
            return value;
        };
    }

    private Expression or() {
        return decided("or", this::and, true);
    }

    private Expression and() {
        return decided("and", this::not, false);
    }

    /** Parses operands between words; the first one with the deciding truth, or else the last one, is the value. */
    private Expression decided(String word, Supplier<Expression> operand, boolean deciding) {
        List<Expression> operands = new ArrayList<>();
        do {
            operands.add(operand.get());
        } while (tokens.skip(Kind.NAME, word));
        if (operands.size() == 1) {
            return operands.get(0);
        }
        return nested(scope -> {
            Object value = null;
            for (Expression each : operands) {
                Budget.steps(1);
                value = each.value(scope);
                if (Values.isTrue(value) == deciding) {
                    return value;
                }
            }
            return value;
        });
    }

    private Expression not() {
        int times = 0;
        while (tokens.skip(Kind.NAME, "not")) {
            times++;
        }
        Expression value = comparison();
        boolean negated = times % 2 == 1;
        return times == 0 ? value : scope -> Values.isTrue(value.value(scope)) != negated;
    }

    private Expression comparison() {
        Chain chain = new Chain(sum());
        while (true) {
            Token token = tokens.peek();
            boolean notIn = token.is(Kind.NAME, "not") && tokens.peek(1).is(Kind.NAME, "in");
            boolean compares = token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text());
            if (!compares && !notIn && !token.is(Kind.NAME, "in")) {
                break;
            }
            tokens.next();
            if (notIn) {
                tokens.next();
            }
            chain.add(notIn ? "not in" : token.text(), sum());
        }
        return chain.isEmpty()
                ? chain.first
                : nested(scope -> {
                    Object left = chain.first.value(scope);
                    for (int i = 0; i < chain.operands.size(); i++) {
                        Budget.steps(1);
                        Object right = chain.operands.get(i).value(scope);
                        if (!Values.compare(chain.operators.get(i), left, right)) {
                            return false;
                        }
                        left = right;
                    }
                    return true;
                });
    }

    /** Operands with operators between them. They are evaluated in a loop, so that a long chain needs no stack. */
    private static final class Chain {
        final Expression first;
        final List<String> operators = new ArrayList<>();
        final List<Expression> operands = new ArrayList<>();

        Chain(Expression first) {
            this.first = first;
        }

        void add(String operator, Expression operand) {
            operators.add(operator);
            operands.add(operand);
        }

        boolean isEmpty() {
            return operands.isEmpty();
        }
    }

    private Expression calculation(Supplier<Expression> operand, String... operators) {
        Chain chain = new Chain(operand.get());
        while (isNext(operators)) {
            chain.add(tokens.next().text(), operand.get());
        }
        return chain.isEmpty()
                ? chain.first
                : nested(scope -> {
                    Object value = chain.first.value(scope);
                    for (int i = 0; i < chain.operands.size(); i++) {
                        Budget.steps(1);
                        value = Values.calculate(
                                chain.operators.get(i),
                                value,
                                chain.operands.get(i).value(scope));
                    }
                    return value;
                });
    }

    private Expression sum() {
        return calculation(this::concatenation, "+", "-");
    }

    private Expression concatenation() {
        Chain chain = new Chain(product());
        while (tokens.skip(Kind.OPERATOR, "~")) {
            chain.add("~", product());
        }
        return chain.isEmpty()
                ? chain.first
                : nested(scope -> {
                    StringBuilder text = new StringBuilder();
                    Budget.append(text, Values.text(chain.first.value(scope)));
                    for (Expression each : chain.operands) {
                        Budget.steps(1);
                        Budget.append(text, Values.text(each.value(scope)));
                    }
                    return text.toString();
                });
    }

    private Expression product() {
        return calculation(this::power, "*", "/", "//", "%");
    }

    private Expression power() {
        return calculation(() -> unary(), "**");
    }

    private boolean isNext(String... operators) {
        return tokens.peek().kind() == Kind.OPERATOR
                && List.of(operators).contains(tokens.peek().text());
    }

    private Expression unary() {
        List<String> signs = new ArrayList<>();
        while (isNext("-", "+")) {
            signs.add(0, tokens.next().text());
            Budget.depth(signs.size());
        }
        Expression value = postfix(primary());
        return filtered(
                signs.isEmpty()
                        ? value
                        : scope -> {
                            Object number = value.value(scope);
                            for (String sign : signs) {
                                number = Values.calculate(sign, 0L, number);
                            }
                            return number;
                        });
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
                    default -> throw new JinjaException("unexpected " + JinjaException.quote(token.text()));
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
            Budget.steps(1);
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
            Budget.enter();
            List<Object> values = new ArrayList<>();
            for (Expression item : items) {
                Budget.steps(1);
                values.add(item.value(scope));
            }
            Budget.leave();
            return values;
        };
    }

    private Expression dictionary() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skip(Kind.OPERATOR, "}")) {
            keys.add(conditional());
            tokens.expect(Kind.OPERATOR, ":");
            values.add(conditional());
            if (!tokens.isNext(Kind.OPERATOR, "}")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        return scope -> {
            Budget.enter();
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Budget.steps(1);
                map.put(Values.key(keys.get(i).value(scope)), values.get(i).value(scope));
            }
            Budget.leave();
            return map;
        };
    }

    /** A suffix that makes another value of a value: an attribute, an index, a call, a filter or a test. */
    private interface Step {
        @Nullable
        Object apply(@Nullable Object value, Scope scope);
    }

    private static Expression steps(Expression start, List<Step> steps) {
        return steps.isEmpty()
                ? start
                : nested(scope -> {
                    Object value = start.value(scope);
                    for (Step step : steps) {
                        Budget.steps(1);
                        value = step.apply(value, scope);
                    }
                    return value;
                });
    }

    private Expression postfix(Expression start) {
        List<Step> steps = new ArrayList<>();
        while (true) {
            if (tokens.skip(Kind.OPERATOR, ".")) {
                Token name = tokens.next();
                if (name.kind() == Kind.INTEGER) {
                    long index = Long.parseLong(name.text());
                    steps.add((base, scope) -> Values.item(base, index));
                } else if (name.kind() == Kind.NAME) {
                    steps.add((base, scope) -> Values.attribute(base, name.text()));
                } else {
                    throw new JinjaException("unexpected " + JinjaException.quote(name.text()) + " after '.'");
                }
            } else if (tokens.skip(Kind.OPERATOR, "[")) {
                steps.add(subscript());
            } else if (tokens.isNext(Kind.OPERATOR, "(")) {
                steps.add(call());
            } else {
                return steps(start, steps);
            }
        }
    }

    private Step subscript() {
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
            return (base, scope) -> Values.item(base, index.value(scope));
        }
        if (parts.size() > 3) {
            throw new JinjaException("a slice has more than three parts");
        }
        return (base, scope) -> {
            Long[] bounds = new Long[3];
            for (int i = 0; i < parts.size(); i++) {
                Object bound = parts.get(i) == null ? null : parts.get(i).value(scope);
                bounds[i] = bound == null ? null : Values.integer(bound);
            }
            return Values.slice(base, bounds[0], bounds[1], bounds[2]);
        };
    }

    /** Parses the positional and named arguments of a call. */
    private record Arguments(List<Expression> plain, Map<String, Expression> named) {
        List<Object> values(Scope scope) {
            Budget.steps(plain.size());
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

    private Step call() {
        Arguments arguments = arguments();
        return (called, scope) -> {
            if (called instanceof Callable callable) {
                return callable.call(arguments.values(scope), arguments.namedValues(scope));
            }
            throw new JinjaException(
                    called instanceof Undefined missing ? missing.message() : "a value cannot be called");
        };
    }

    private Expression filtered(Expression start) {
        List<Step> steps = new ArrayList<>();
        while (true) {
            if (tokens.skip(Kind.OPERATOR, "|")) {
                String name = tokens.expect(Kind.NAME).text();
                Filters.check(name);
                Arguments arguments =
                        tokens.isNext(Kind.OPERATOR, "(") ? arguments() : new Arguments(List.of(), Map.of());
                steps.add((base, scope) ->
                        Filters.apply(name, base, arguments.values(scope), arguments.namedValues(scope)));
            } else if (tokens.skip(Kind.NAME, "is")) {
                steps.add(test());
            } else if (tokens.isNext(Kind.OPERATOR, "(")) {
                steps.add(call());
            } else {
                return steps(start, steps);
            }
        }
    }

    private Step test() {
        boolean negated = tokens.skip(Kind.NAME, "not");
        String name = tokens.expect(Kind.NAME).text();
        Tests.check(name);
        List<Expression> arguments = List.of();
        if (tokens.isNext(Kind.OPERATOR, "(")) {
            arguments = arguments().plain();
        } else if (isArgument()) {
            arguments = List.of(postfix(primary()));
        }
        Arguments given = new Arguments(arguments, Map.of());
        return (base, scope) -> negated != Tests.holds(name, base, given.values(scope));
    }

    private boolean isArgument() {
        Token token = tokens.peek();
        boolean word = Set.of("else", "or", "and", "if", "is", "not", "in").contains(token.text());
        return (VALUES.contains(token.kind()) && !(token.kind() == Kind.NAME && word)) || isNext("[", "{");
    }
}
