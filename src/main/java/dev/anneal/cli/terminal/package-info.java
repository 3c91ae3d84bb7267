/** Terminal output: lines, tables, bars, units, and words as a shell reads them. */
package dev.anneal.cli.terminal;
