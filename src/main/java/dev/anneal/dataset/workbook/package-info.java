/** The parts of an Excel workbook, read from its zip within bounds of memory. */
@NullMarked
package dev.anneal.dataset.workbook;

import org.jspecify.annotations.NullMarked;
