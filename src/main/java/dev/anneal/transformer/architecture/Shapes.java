package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects the names and shapes of weights. */
final class Shapes {
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    void weight(String name, long... shape) {
        shapes.put(name + ".weight", new Shape(shape));
    }

    void bias(String name, long size) {
        shapes.put(name + ".bias", new Shape(size));
    }

    /** Adds a matrix of [out, in] and a bias. */
    void linear(String name, long out, long in) {
        weight(name, out, in);
        bias(name, out);
    }

    /** Adds the two vectors of a LayerNorm. */
    void norm(String name, long size) {
        weight(name, size);
        bias(name, size);
    }

    Map<String, Shape> all() {
        return shapes;
    }
}
