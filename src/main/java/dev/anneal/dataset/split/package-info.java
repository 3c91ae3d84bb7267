/** Draws the splits of rows, with bounded memory: stratified, by groups, by time, by content, or in folds. */
@NullMarked
package dev.anneal.dataset.split;

import org.jspecify.annotations.NullMarked;
