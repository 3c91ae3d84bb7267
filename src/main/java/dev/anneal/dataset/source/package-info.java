/** Files that are fetched for a dataset: from a URL, or from a repository of a hub. */
@NullMarked
package dev.anneal.dataset.source;

import org.jspecify.annotations.NullMarked;
