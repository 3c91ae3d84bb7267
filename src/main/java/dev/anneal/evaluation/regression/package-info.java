/** The figures of predicted numbers. */
@NullMarked
package dev.anneal.evaluation.regression;

import org.jspecify.annotations.NullMarked;
