/** The metrics and the report of each task. Needs neither Spring nor a database. */
@NullMarked
package dev.anneal.evaluation;

import org.jspecify.annotations.NullMarked;
