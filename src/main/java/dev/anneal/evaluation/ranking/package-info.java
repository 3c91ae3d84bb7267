/** The order in which scores put examples, those with a label and those without it. */
@NullMarked
package dev.anneal.evaluation.ranking;

import org.jspecify.annotations.NullMarked;
