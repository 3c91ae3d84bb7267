/** Helpers for reading rows by SQL. docs/adr/0017 says who writes SQL. */
package dev.anneal.sql;
