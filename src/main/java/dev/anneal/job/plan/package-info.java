/** Turns a request into a plan: base model, data, method, hyperparameters, and an estimate of time and memory. */
@NullMarked
package dev.anneal.job.plan;

import org.jspecify.annotations.NullMarked;
