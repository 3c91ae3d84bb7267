/** Files that arrive in parts, by the tus protocol 1.0, and wait for a request that makes a dataset of them. */
@NullMarked
package dev.anneal.dataset.upload;

import org.jspecify.annotations.NullMarked;
