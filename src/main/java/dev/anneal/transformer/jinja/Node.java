package dev.anneal.transformer.jinja;

import java.util.List;

/** A part of a template that writes text. */
interface Node {
    /** The action of a loop after a part of its body. */
    enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    Flow render(Scope scope, StringBuilder out);

    static Flow all(List<Node> nodes, Scope scope, StringBuilder out) {
        for (Node node : nodes) {
            Flow flow = node.render(scope, out);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }
}
