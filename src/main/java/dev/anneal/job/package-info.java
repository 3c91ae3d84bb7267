/** Jobs over HTTP, from the request to the record of a running attempt. */
@NullMarked
package dev.anneal.job;

import org.jspecify.annotations.NullMarked;
