/** AdamW, its learning-rate schedule and precision, and which weights it trains. */
package dev.anneal.training.optimizer;
