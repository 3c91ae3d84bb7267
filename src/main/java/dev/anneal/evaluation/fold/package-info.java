/** Divides rows into stratified folds, and says how far the metrics of the folds are apart. */
@NullMarked
package dev.anneal.evaluation.fold;

import org.jspecify.annotations.NullMarked;
