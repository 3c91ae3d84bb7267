/** Text generation with a key-value cache. */
@NullMarked
package dev.anneal.transformer.generate;

import org.jspecify.annotations.NullMarked;
