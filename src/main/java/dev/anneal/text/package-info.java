/** Small functions on strings: ids, hashes, and suggestions for misspelled names. */
@NullMarked
package dev.anneal.text;

import org.jspecify.annotations.NullMarked;
