/** The trainer: a separate program that reads a work directory, trains, and reports on standard output. Needs neither Spring nor a database. */
@NullMarked
package dev.anneal.training;

import org.jspecify.annotations.NullMarked;
