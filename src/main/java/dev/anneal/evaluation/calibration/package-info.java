/** The calibration of probabilities: how often a model is right with each, and the temperature that corrects them. */
@NullMarked
package dev.anneal.evaluation.calibration;

import org.jspecify.annotations.NullMarked;
