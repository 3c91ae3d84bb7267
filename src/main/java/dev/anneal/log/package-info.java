/** Escapes what users write before it reaches the log. */
@NullMarked
package dev.anneal.log;

import org.jspecify.annotations.NullMarked;
