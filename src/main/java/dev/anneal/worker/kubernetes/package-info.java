/** Runs trainers as Kubernetes Jobs. */
@NullMarked
package dev.anneal.worker.kubernetes;

import org.jspecify.annotations.NullMarked;
