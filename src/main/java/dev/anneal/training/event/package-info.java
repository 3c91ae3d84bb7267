/** The events that a trainer reports, one JSON object per line on standard output. */
@NullMarked
package dev.anneal.training.event;

import org.jspecify.annotations.NullMarked;
