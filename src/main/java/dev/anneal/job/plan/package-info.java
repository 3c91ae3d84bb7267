/** Turns a request into a plan: base model, data, method, hyperparameters, and an estimate of time and memory. */
package dev.anneal.job.plan;
