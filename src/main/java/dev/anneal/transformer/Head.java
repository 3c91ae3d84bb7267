package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What stands on an encoder for one task: the program (a file of {@code /programs}) that takes the place of {@code head}
 * there, its weights with their shapes, and the ending of the class in transformers.
 */
public record Head(String program, Map<String, Shape> shapes, String transformersSuffix) {

    /** One label for each text. */
    public static Head classification(ModelConfig config, int labels) {
        int hidden = config.hiddenSize();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("pooler.dense.weight", new Shape(hidden, hidden));
        shapes.put("pooler.dense.bias", new Shape(hidden));
        shapes.put("classifier.weight", new Shape(labels, hidden));
        shapes.put("classifier.bias", new Shape(labels));
        return new Head("classification", shapes, "SequenceClassification");
    }
}
