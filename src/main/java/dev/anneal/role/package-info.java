/** The roles of a process: which components run in it, and how their scheduled work reports errors. */
package dev.anneal.role;
