/** A reader and a writer of Parquet files, a row at a time and within bounds of memory, whatever a file says about itself. */
@NullMarked
package dev.anneal.dataset.parquet;

import org.jspecify.annotations.NullMarked;
