/** The queue: claims, leases, attempts, cancel and pause, positions and forecasts. The row of a job in Postgres is its queue entry. */
@NullMarked
package dev.anneal.job.queue;

import org.jspecify.annotations.NullMarked;
