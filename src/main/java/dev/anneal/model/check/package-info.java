/** Checks models in child processes, within bounds of time and memory. */
@NullMarked
package dev.anneal.model.check;

import org.jspecify.annotations.NullMarked;
