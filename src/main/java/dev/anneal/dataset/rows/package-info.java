/** The rows of datasets: of a split, of a job, by their numbers, as lines or as Parquet. All are read a few megabytes at a time. */
@NullMarked
package dev.anneal.dataset.rows;

import org.jspecify.annotations.NullMarked;
