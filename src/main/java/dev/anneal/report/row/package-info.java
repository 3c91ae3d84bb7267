/** The sections of a report page that show rows. */
@NullMarked
package dev.anneal.report.row;

import org.jspecify.annotations.NullMarked;
