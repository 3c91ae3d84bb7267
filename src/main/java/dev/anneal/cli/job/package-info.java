/** The commands about jobs: train, estimate, follow, and those that change a job. */
@NullMarked
package dev.anneal.cli.job;

import org.jspecify.annotations.NullMarked;
