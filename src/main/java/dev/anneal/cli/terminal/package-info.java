/** Terminal output: lines, tables, bars, units, and words as a shell reads them. */
@NullMarked
package dev.anneal.cli.terminal;

import org.jspecify.annotations.NullMarked;
