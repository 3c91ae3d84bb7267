/** The audit log: a row for each call that changes something or is refused, and the endpoint that lists them. */
@NullMarked
package dev.anneal.security.audit;

import org.jspecify.annotations.NullMarked;
