package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Node.Flow;
import dev.anneal.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Parses tokens into nodes that can be rendered; {@link ExpressionParser} parses the expressions. */
final class Parser {
    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int depth;

    Parser(List<Token> tokens) {
        this.tokens = new Tokens(tokens);
        this.expressions = new ExpressionParser(this.tokens);
    }

    List<Node> template() {
        try {
            return until(Set.of());
        } catch (RuntimeException e) {
            throw JinjaException.of(e).inLine(tokens.line());
        }
    }

    /** Parses up to one of the tags, whose name is then the next token. */
    private List<Node> until(Set<String> ends) {
        Budget.depth(++depth);
        List<Node> nodes = nodes(ends);
        depth--;
        return nodes;
    }

    private List<Node> nodes(Set<String> ends) {
        List<Node> nodes = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case TEXT -> nodes.add((scope, out) -> write(out, token.text()));
                case PRINT -> {
                    Expression shown = expressions.whole();
                    tokens.expect(Kind.CLOSE);
                    nodes.add(inLine(token.line(), (scope, out) -> write(out, Values.text(shown.value(scope)))));
                }
                case BLOCK -> {
                    if (ends.contains(tokens.peek().text())) {
                        return nodes;
                    }
                    nodes.add(inLine(token.line(), tag()));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw new JinjaException("the template ends before one of the tags " + String.join(", ", ends));
                    }
                    return nodes;
                }
            }
        }
    }

    private static Flow write(StringBuilder out, String text) {
        Budget.append(out, text);
        return Flow.ON;
    }

    private static Node inLine(int line, Node node) {
        return (scope, out) -> {
            try {
                Budget.enter();
                Flow flow = node.render(scope, out);
                Budget.leave();
                return flow;
            } catch (RuntimeException e) {
                throw JinjaException.of(e).inLine(line);
            }
        };
    }

    private Node tag() {
        String name = tokens.expect(Kind.NAME).text();
        return switch (name) {
            case "if" -> choice();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "generation" -> generation();
            case "break", "continue" -> {
                tokens.expect(Kind.CLOSE);
                yield (scope, out) -> name.equals("break") ? Flow.BREAK : Flow.CONTINUE;
            }
            default -> throw new JinjaException("the tag " + JinjaException.quote(name) + " is not supported");
        };
    }

    private void close(String end) {
        tokens.expect(Kind.NAME, end);
        tokens.expect(Kind.CLOSE);
    }

    /** Parses a {@code generation} block, which tells that its text is an answer. It writes marks around it if there are any. */
    private Node generation() {
        tokens.expect(Kind.CLOSE);
        List<Node> body = until(Set.of("endgeneration"));
        close("endgeneration");
        return (scope, out) -> {
            String marks = scope.get(Template.MARKS) instanceof String given ? given : "";
            write(out, marks.isEmpty() ? "" : marks.substring(0, 1));
            Flow flow = Node.all(body, scope, out);
            write(out, marks.isEmpty() ? "" : marks.substring(1));
            return flow;
        };
    }

    private record Branch(Expression condition, List<Node> body) {}

    private Node choice() {
        List<Branch> branches = new ArrayList<>();
        List<Node> otherwise = List.of();
        String end = "elif";
        while (end.equals("elif")) {
            Expression condition = expressions.whole();
            tokens.expect(Kind.CLOSE);
            branches.add(new Branch(condition, until(Set.of("elif", "else", "endif"))));
            end = tokens.next().text();
        }
        if (end.equals("else")) {
            tokens.expect(Kind.CLOSE);
            otherwise = until(Set.of("endif"));
            tokens.next();
        }
        tokens.expect(Kind.CLOSE);
        List<Node> last = otherwise;
        return (scope, out) -> {
            for (Branch branch : branches) {
                Budget.steps(1);
                if (Values.isTrue(branch.condition().value(scope))) {
                    return Node.all(branch.body(), scope, out);
                }
            }
            return Node.all(last, scope, out);
        };
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        do {
            names.add(tokens.expect(Kind.NAME).text());
        } while (tokens.skip(Kind.OPERATOR, ","));
        return names;
    }

    private static void assign(Scope scope, List<String> names, @Nullable Object value) {
        if (names.size() == 1) {
            scope.set(names.get(0), value);
            return;
        }
        List<Object> parts = new ArrayList<>(Values.items(value));
        if (parts.size() != names.size()) {
            throw new JinjaException(
                    parts.size() + " values cannot be assigned to " + names.size() + " names " + names);
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    private Node loop() {
        List<String> names = names();
        tokens.expect(Kind.NAME, "in");
        Expression items = expressions.withoutCondition();
        Expression filter = tokens.skip(Kind.NAME, "if") ? expressions.whole() : null;
        tokens.expect(Kind.CLOSE);
        List<Node> body = until(Set.of("else", "endfor"));
        List<Node> otherwise = List.of();
        if (tokens.next().text().equals("else")) {
            tokens.expect(Kind.CLOSE);
            otherwise = until(Set.of("endfor"));
            tokens.next();
        }
        tokens.expect(Kind.CLOSE);
        List<Node> empty = otherwise;
        Predicate<Scope> wanted = filter == null ? scope -> true : scope -> Values.isTrue(filter.value(scope));
        return (scope, out) -> {
            List<Object> taken = new ArrayList<>();
            for (Object item : items(items.value(scope))) {
                Budget.steps(1);
                Scope inner = scope.inner();
                assign(inner, names, item);
                if (wanted.test(inner)) {
                    taken.add(item);
                }
            }
            for (int i = 0; i < taken.size(); i++) {
                Budget.steps(1);
                Scope inner = scope.inner();
                inner.set("loop", LoopState.of(taken, i));
                assign(inner, names, taken.get(i));
                if (Node.all(body, inner, out) == Flow.BREAK) {
                    break;
                }
            }
            return taken.isEmpty() ? Node.all(empty, scope, out) : Flow.ON;
        };
    }

    /** Returns the items of a value; an undefined value has none. */
    private static Collection<?> items(@Nullable Object value) {
        return value instanceof Undefined ? List.of() : Values.items(value);
    }

    private Node assignment() {
        String first = tokens.peek().text();
        if (tokens.peek(1).is(Kind.OPERATOR, ".")) {
            tokens.next();
            tokens.next();
            String field = tokens.expect(Kind.NAME).text();
            tokens.expect(Kind.OPERATOR, "=");
            Expression value = expressions.whole();
            tokens.expect(Kind.CLOSE);
            return (scope, out) -> {
                if (!(scope.get(first) instanceof Namespace namespace)) {
                    throw new JinjaException(
                            JinjaException.quote(first) + " is not a namespace, so its fields cannot be set");
                }
                namespace.fields().put(field, value.value(scope));
                return Flow.ON;
            };
        }
        List<String> names = names();
        if (tokens.skip(Kind.CLOSE, "")) {
            List<Node> body = until(Set.of("endset"));
            close("endset");
            return (scope, out) -> {
                StringBuilder text = new StringBuilder();
                Node.all(body, scope.inner(), text);
                scope.set(first, text.toString());
                return Flow.ON;
            };
        }
        tokens.expect(Kind.OPERATOR, "=");
        Expression value = expressions.whole();
        tokens.expect(Kind.CLOSE);
        return (scope, out) -> {
            assign(scope, names, value.value(scope));
            return Flow.ON;
        };
    }

    private Node macro() {
        String name = tokens.expect(Kind.NAME).text();
        Map<String, Expression> parameters = new LinkedHashMap<>();
        tokens.expect(Kind.OPERATOR, "(");
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            String parameter = tokens.expect(Kind.NAME).text();
            Expression otherwise = scope -> new Undefined(parameter);
            parameters.put(parameter, tokens.skip(Kind.OPERATOR, "=") ? expressions.whole() : otherwise);
            tokens.skip(Kind.OPERATOR, ",");
        }
        tokens.expect(Kind.CLOSE);
        List<Node> body = until(Set.of("endmacro"));
        close("endmacro");
        return (scope, out) -> {
            scope.set(name, (Callable) (arguments, named) -> {
                Scope inner = scope.inner();
                int i = 0;
                for (Map.Entry<String, Expression> parameter : parameters.entrySet()) {
                    String key = parameter.getKey();
                    boolean given = i < arguments.size() || named.containsKey(key);
                    Object value = i < arguments.size() ? arguments.get(i) : named.get(key);
                    inner.set(key, given ? value : parameter.getValue().value(inner));
                    i++;
                }
                StringBuilder text = new StringBuilder();
                Budget.enter();
                Node.all(body, inner, text);
                Budget.leave();
                return text.toString();
            });
            return Flow.ON;
        };
    }
}
