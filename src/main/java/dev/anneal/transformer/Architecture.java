package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A family of models: the program that computes it (a file of {@code /programs}), what the program has to be told, and the
 * weights it needs. Another family is another implementation, listed in {@link #KNOWN}, and another program.
 */
public interface Architecture {
    Map<String, Architecture> KNOWN = Map.of("bert", new Bert());

    /** The architecture of a model, by the {@code model_type} of its configuration. */
    static Architecture of(ModelConfig config) {
        Architecture known = KNOWN.get(config.modelType());
        if (known == null) {
            throw new ModelException("models of type '" + config.modelType() + "' are not supported; supported are "
                    + String.join(", ", names()));
        }
        known.check(config);
        return known;
    }

    static Set<String> names() {
        return new TreeMap<>(KNOWN).keySet();
    }

    /** Name of the program's file without its ending, and, with a capital letter, of the class in it. */
    String program();

    /** The attributes of the program's class: integers, doubles, booleans and strings. */
    Map<String, Object> settings(ModelConfig config);

    /** Refuses a configuration that the program would compute wrongly. */
    void check(ModelConfig config);

    /** The program's weights, without those of a head, with their shapes. */
    Map<String, Shape> shapes(ModelConfig config);

    /** From the name of a weight in a file to its name in the program. */
    String toProgram(String name);

    /** From the name of a weight in the program to its name in the file of a model with this head. */
    String toFile(String name);

    /** The class that loads the model with this head in transformers. */
    String transformersClass(Head head);
}
