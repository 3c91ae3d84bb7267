/** Jobs over HTTP, from the request to the record of a running attempt. */
package dev.anneal.job;
