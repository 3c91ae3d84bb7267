/** The similarity of generated texts to the wanted ones. */
@NullMarked
package dev.anneal.evaluation.text;

import org.jspecify.annotations.NullMarked;
