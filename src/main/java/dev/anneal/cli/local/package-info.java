/** Servers on this machine: started, found by their data directory, and stopped. */
package dev.anneal.cli.local;
