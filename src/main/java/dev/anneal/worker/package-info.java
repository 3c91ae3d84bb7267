/** The worker: its slots claim jobs, run each attempt as a trainer process, and publish the model. */
package dev.anneal.worker;
