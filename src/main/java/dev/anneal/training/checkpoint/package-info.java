/** Checkpoints on disk: what a run needs to resume with the same bytes. */
package dev.anneal.training.checkpoint;
