/** Numbered events of jobs and imports, and the streams that clients follow. */
package dev.anneal.event;
