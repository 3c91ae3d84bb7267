/** Webhooks: their addresses, and the outbox of deliveries about changed jobs. */
package dev.anneal.webhook;
