/** Figures that show whether predictions depend on words that name a group of people. */
@NullMarked
package dev.anneal.evaluation.bias;

import org.jspecify.annotations.NullMarked;
