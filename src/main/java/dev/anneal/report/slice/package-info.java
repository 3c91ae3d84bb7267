/** The sections of a report page about parts of the rows. */
@NullMarked
package dev.anneal.report.slice;

import org.jspecify.annotations.NullMarked;
