/** The scores and the labels of many rows, from which figures are computed. */
@NullMarked
package dev.anneal.evaluation.score;

import org.jspecify.annotations.NullMarked;
