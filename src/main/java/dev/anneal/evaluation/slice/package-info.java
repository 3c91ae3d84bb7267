/** Metrics of parts of the rows, and how far they are from those of the other rows. */
@NullMarked
package dev.anneal.evaluation.slice;

import org.jspecify.annotations.NullMarked;
