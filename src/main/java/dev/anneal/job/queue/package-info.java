/** The queue: claims, leases, attempts, cancel and pause, positions and forecasts. The row of a job in Postgres is its queue entry. */
package dev.anneal.job.queue;
