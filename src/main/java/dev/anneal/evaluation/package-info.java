/** Metrics and the report of each task. Needs neither Spring nor a database. */
package dev.anneal.evaluation;
