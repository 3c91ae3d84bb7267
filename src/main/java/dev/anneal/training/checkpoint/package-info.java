/** Checkpoints on disk: what a run needs to resume with the same bytes. */
@NullMarked
package dev.anneal.training.checkpoint;

import org.jspecify.annotations.NullMarked;
