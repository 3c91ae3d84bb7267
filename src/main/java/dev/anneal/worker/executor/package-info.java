/** Starts a trainer for a slot: here as a child process, in worker.kubernetes as a Job. Needs no lease and no artifact store. */
@NullMarked
package dev.anneal.worker.executor;

import org.jspecify.annotations.NullMarked;
