/** The checkpoints of jobs, and the files that jobs have in the artifact store. */
package dev.anneal.job.checkpoint;
