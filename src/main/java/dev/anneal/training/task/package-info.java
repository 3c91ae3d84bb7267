/** The tasks of training: how a row becomes examples, what a batch contains, how a model is evaluated. */
@NullMarked
package dev.anneal.training.task;

import org.jspecify.annotations.NullMarked;
