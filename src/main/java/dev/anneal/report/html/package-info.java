/** Writes HTML: elements, tables and numbers. What users wrote is escaped here and nowhere else. */
@NullMarked
package dev.anneal.report.html;

import org.jspecify.annotations.NullMarked;
