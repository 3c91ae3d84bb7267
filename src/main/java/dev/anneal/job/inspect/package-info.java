/** The rows of a dataset as a job would see them, before it is queued. */
@NullMarked
package dev.anneal.job.inspect;

import org.jspecify.annotations.NullMarked;
