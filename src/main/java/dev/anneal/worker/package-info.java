/** The worker: its slots claim jobs, run each attempt as a trainer process, and publish the model. */
@NullMarked
package dev.anneal.worker;

import org.jspecify.annotations.NullMarked;
