/** Text generation with a key-value cache. */
package dev.anneal.transformer.generate;
