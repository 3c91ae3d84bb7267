/** The figures of a job's steps and epochs, as files for spreadsheets and for TensorBoard. */
@NullMarked
package dev.anneal.job.figure;

import org.jspecify.annotations.NullMarked;
