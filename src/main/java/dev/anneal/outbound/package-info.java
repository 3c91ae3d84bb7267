/** The one HTTP client for addresses that users name, with the guard against private networks. */
@NullMarked
package dev.anneal.outbound;

import org.jspecify.annotations.NullMarked;
