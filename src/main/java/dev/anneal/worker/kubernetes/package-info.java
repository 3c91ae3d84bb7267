/** Runs trainers as Kubernetes Jobs. */
package dev.anneal.worker.kubernetes;
