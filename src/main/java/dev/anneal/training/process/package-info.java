/** The trainer as a process: the files of its work directory, signals, the death of its parent, and the request to stop. */
@NullMarked
package dev.anneal.training.process;

import org.jspecify.annotations.NullMarked;
