/** The answers that models generate to the questions of rows. */
@NullMarked
package dev.anneal.training.answer;

import org.jspecify.annotations.NullMarked;
