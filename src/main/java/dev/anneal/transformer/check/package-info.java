/** Checks the files of a model in a separate process, because a broken file can end the process that reads it. */
@NullMarked
package dev.anneal.transformer.check;

import org.jspecify.annotations.NullMarked;
