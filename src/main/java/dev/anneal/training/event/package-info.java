/** The events that a trainer reports, one JSON object per line on standard output. */
package dev.anneal.training.event;
