/** Numbered events of jobs and imports, and the streams that clients follow. */
@NullMarked
package dev.anneal.event;

import org.jspecify.annotations.NullMarked;
