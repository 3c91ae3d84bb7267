/** The comparison of a trained model with its base model on texts that have nothing to do with the training. */
@NullMarked
package dev.anneal.evaluation.forgetting;

import org.jspecify.annotations.NullMarked;
