/** Temporary files of values that are too many for memory: sequences that are read again in order, and sorted numbers. */
@NullMarked
package dev.anneal.dataset.spool;

import org.jspecify.annotations.NullMarked;
