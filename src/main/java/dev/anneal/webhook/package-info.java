/** Webhooks: who is told when a job changes, and the outbox of deliveries. */
package dev.anneal.webhook;
