/** The one JSON mapper: snake_case, unknown fields refused. */
@NullMarked
package dev.anneal.json;

import org.jspecify.annotations.NullMarked;
