/** The commands about datasets. */
@NullMarked
package dev.anneal.cli.dataset;

import org.jspecify.annotations.NullMarked;
