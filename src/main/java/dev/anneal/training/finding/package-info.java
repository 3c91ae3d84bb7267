/** The findings of a report: baselines, wrong labels, slices and bias. */
@NullMarked
package dev.anneal.training.finding;

import org.jspecify.annotations.NullMarked;
