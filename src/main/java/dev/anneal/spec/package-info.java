/**
 * The specification of a job, with every choice made: {@link dev.anneal.spec.JobSpec} and its parts. The server stores it,
 * the API shows it, the trainer reads it.
 */
@NullMarked
package dev.anneal.spec;

import org.jspecify.annotations.NullMarked;
