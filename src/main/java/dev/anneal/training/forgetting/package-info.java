/** Computes the base model and the trained one on general text, to see what was forgotten. */
@NullMarked
package dev.anneal.training.forgetting;

import org.jspecify.annotations.NullMarked;
