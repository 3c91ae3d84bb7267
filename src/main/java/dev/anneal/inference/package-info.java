/** Models in memory: loading and eviction, batching, predictions and generated text. */
@NullMarked
package dev.anneal.inference;

import org.jspecify.annotations.NullMarked;
