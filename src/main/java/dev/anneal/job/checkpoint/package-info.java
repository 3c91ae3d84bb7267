/** The checkpoints of jobs, and the files that jobs have in the artifact store. */
@NullMarked
package dev.anneal.job.checkpoint;

import org.jspecify.annotations.NullMarked;
