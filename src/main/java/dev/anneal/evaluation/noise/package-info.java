/** Finds rows whose label is probably wrong. */
@NullMarked
package dev.anneal.evaluation.noise;

import org.jspecify.annotations.NullMarked;
