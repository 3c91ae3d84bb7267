/** The one JSON mapper: snake_case, ISO 8601 times. */
@NullMarked
package dev.anneal.json;

import org.jspecify.annotations.NullMarked;
