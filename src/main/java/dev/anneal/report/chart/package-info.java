/** Charts as SVG in a page, without scripts. */
@NullMarked
package dev.anneal.report.chart;

import org.jspecify.annotations.NullMarked;
