/** What all endpoints share: problems, fields, paging, idempotency, and the limits on requests. */
package dev.anneal.web;
