/** The method {@code few_shot}: a model learns which pairs of texts have the same label, then its last layer is fitted. */
@NullMarked
package dev.anneal.training.fewshot;

import org.jspecify.annotations.NullMarked;
