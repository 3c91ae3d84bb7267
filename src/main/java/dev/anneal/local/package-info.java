/** The data directory and the embedded Postgres. */
package dev.anneal.local;
