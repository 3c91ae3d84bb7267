/** Shared parts of all endpoints: problems, fields, paging, idempotency, and the limits on requests. */
@NullMarked
package dev.anneal.web;

import org.jspecify.annotations.NullMarked;
