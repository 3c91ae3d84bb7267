/** The facts and names that all sections of a report page share. */
@NullMarked
package dev.anneal.report.section;

import org.jspecify.annotations.NullMarked;
