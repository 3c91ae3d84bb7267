package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a model for one task: the program (a file of {@code /programs}) that replaces {@code import head}, null if
 * the architecture's program contains the head; the shapes of its weights; their names in a file by their names in the
 * program; and the class in transformers that loads a model with this head.
 */
public record Head(
        Task task,
        @Nullable String program,
        Map<String, Shape> shapes,
        Map<String, String> fileNames,
        String transformersClass) {

    /** Returns the head with further weights, by their names in the program and in a file. */
    public Head with(Map<String, Shape> moreShapes, Map<String, String> moreNames) {
        Map<String, Shape> allShapes = new LinkedHashMap<>(moreShapes);
        allShapes.putAll(shapes);
        Map<String, String> allNames = new LinkedHashMap<>(moreNames);
        allNames.putAll(fileNames);
        return new Head(task, program, allShapes, allNames, transformersClass);
    }

    /** Returns whether a weight depends on the labels. */
    public static boolean dependsOnLabels(String name) {
        return name.startsWith("classifier.");
    }
}
