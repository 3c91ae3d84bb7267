/** Linear models of word counts, which are the baselines of fine-tuned models. They need bounded memory. */
@NullMarked
package dev.anneal.evaluation.linear;

import org.jspecify.annotations.NullMarked;
