/** Counts of right and wrong predictions, and the figures that follow from them. */
@NullMarked
package dev.anneal.evaluation.count;

import org.jspecify.annotations.NullMarked;
