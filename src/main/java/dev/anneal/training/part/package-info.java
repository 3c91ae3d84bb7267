/** Parts of the training rows, such as folds, and the scores of the models that were trained on them. */
@NullMarked
package dev.anneal.training.part;

import org.jspecify.annotations.NullMarked;
