/** Limits on requests: the size and speed of bodies, the size of uploads, and the number of open streams. */
@NullMarked
package dev.anneal.web.limit;

import org.jspecify.annotations.NullMarked;
