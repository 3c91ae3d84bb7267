/** Models in memory: loading and eviction, batching, predictions and generated text. */
package dev.anneal.inference;
