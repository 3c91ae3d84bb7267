/** The expected and predicted values of rows, and the metrics of any of these rows. */
@NullMarked
package dev.anneal.evaluation.rows;

import org.jspecify.annotations.NullMarked;
