/** The course of the losses over the epochs of a job. */
@NullMarked
package dev.anneal.evaluation.curve;

import org.jspecify.annotations.NullMarked;
