/** Small functions on strings: ids, hashes, and suggestions for misspelled names. */
package dev.anneal.text;
