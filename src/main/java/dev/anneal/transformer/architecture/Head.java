package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import java.util.Map;

/**
 * What stands on a model for one task: the program (a file of {@code /programs}) that takes the place of {@code head} there
 * (null where the model's own program does it), its weights with their shapes, their names in a file by their names in the
 * program, and the class in transformers that loads the model with this head.
 */
public record Head(
        Task task, String program, Map<String, Shape> shapes, Map<String, String> fileNames, String transformersClass) {

    /** The weights that depend on the labels. */
    public static boolean dependsOnLabels(String name) {
        return name.startsWith("classifier.");
    }
}
