/** The trainer as a process: signals, the death of its parent, and the request to stop. */
package dev.anneal.training.process;
