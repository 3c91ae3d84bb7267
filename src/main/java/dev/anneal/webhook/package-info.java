/** Webhooks: their addresses, and the outbox of deliveries about changed jobs. */
@NullMarked
package dev.anneal.webhook;

import org.jspecify.annotations.NullMarked;
