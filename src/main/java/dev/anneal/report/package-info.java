/** The report of a job or an evaluation as one HTML page; one class for each section. */
@NullMarked
package dev.anneal.report;

import org.jspecify.annotations.NullMarked;
