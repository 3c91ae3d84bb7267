/** Projects, their limits and their usage. */
package dev.anneal.project;
