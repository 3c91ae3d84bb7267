/** How good predictions are: metrics and reports. Knows no Spring and no database. */
package dev.anneal.evaluation;
