/** Shared parts of all endpoints: problems, fields, paging, idempotency, and the limits on requests. */
package dev.anneal.web;
