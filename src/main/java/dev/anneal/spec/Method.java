package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which weights are trained. {@code full}: all of them. {@code frozen}: all but the {@code frozenLayers} lowest layers and,
 * if {@code freezeEmbeddings} is set, the embeddings. {@code head}: only the head. {@code lora}: the head and low-rank
 * corrections (<a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>) of the modules whose name ends with one of
 * {@code targetModules}. {@code few_shot}: all but the head, on {@link FewShot pairs} of texts; the last layer is fitted afterwards.
 *
 * <p>A field is null if the type does not use it. In a request, null means {@code auto}.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Method(
        String type,
        @Nullable Integer frozenLayers,
        @Nullable Boolean freezeEmbeddings,
        @Nullable Integer r,
        @Nullable Double alpha,
        @Nullable Double dropout,
        @Nullable List<String> targetModules) {
    public static final Method FULL = new Method("full", null, null, null, null, null, null);
    public static final List<String> TYPES = List.of("full", "frozen", "head", "lora", FewShot.METHOD);

    /** Returns the number of frozen layers, the lowest ones. */
    public int frozenCount() {
        return frozenLayers == null ? 0 : frozenLayers;
    }

    /** Returns whether the method is {@code few_shot}. */
    public boolean learnsPairs() {
        return type.equals(FewShot.METHOD);
    }

    public boolean freezesEmbeddings() {
        return Boolean.TRUE.equals(freezeEmbeddings);
    }

    public static Method frozen(int layers, boolean embeddings) {
        return new Method("frozen", layers, embeddings, null, null, null, null);
    }

    public static Method lora(int r, double alpha, double dropout, List<String> targetModules) {
        return new Method("lora", null, null, r, alpha, dropout, targetModules);
    }
}
