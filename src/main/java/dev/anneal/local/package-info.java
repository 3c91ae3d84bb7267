/** The data directory and the embedded Postgres. */
@NullMarked
package dev.anneal.local;

import org.jspecify.annotations.NullMarked;
