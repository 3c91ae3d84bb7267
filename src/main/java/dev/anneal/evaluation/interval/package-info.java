/** Intervals of figures, which are uncertain because the rows are a sample, and tests of the difference of two models. */
@NullMarked
package dev.anneal.evaluation.interval;

import org.jspecify.annotations.NullMarked;
