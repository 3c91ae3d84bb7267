package dev.anneal.training.forgetting;

import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.forgetting.TextFigure;
import dev.anneal.transformer.Model;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A figure of a model for a text, or for a pair of texts.
 *
 * @param <T> a text as the model reads it
 */
interface Measure<T> {
    Forgetting.Measure kind();

    /** Loads the base model. */
    Model base(Path directory);

    /** Loads the trained model, after the base model was loaded. */
    Model trained(Path directory);

    /** Returns the texts that come with the program. */
    List<T> probe();

    /** Returns the texts of some rows. */
    List<T> of(List<JsonNode> rows);

    /** Computes a model on the text of this number; both models compute the same. */
    TextFigure figure(Model model, T text, int number, NDManager arrays);
}
