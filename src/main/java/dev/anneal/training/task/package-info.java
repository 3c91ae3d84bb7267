/** The tasks of training: how a row becomes examples, what a batch contains, how a model is evaluated. */
package dev.anneal.training.task;
