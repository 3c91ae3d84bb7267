/** Evaluations of models and predictions for rows, over HTTP. They are jobs that do not train. */
@NullMarked
package dev.anneal.job.evaluate;

import org.jspecify.annotations.NullMarked;
