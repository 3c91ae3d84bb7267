/** Rows between a file and their table: in temporary files, until their splits are known and all of them are checked. */
@NullMarked
package dev.anneal.dataset.staged;

import org.jspecify.annotations.NullMarked;
