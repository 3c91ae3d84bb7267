/** Helpers for reading rows by SQL. docs/adr/0017 says who writes SQL. */
@NullMarked
package dev.anneal.sql;

import org.jspecify.annotations.NullMarked;
