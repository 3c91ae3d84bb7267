/** AdamW, its learning-rate schedule and precision, and which weights it trains. */
@NullMarked
package dev.anneal.training.optimizer;

import org.jspecify.annotations.NullMarked;
