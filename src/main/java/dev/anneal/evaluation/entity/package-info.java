/** The entities that tags of words mean, and how predicted ones match them. */
@NullMarked
package dev.anneal.evaluation.entity;

import org.jspecify.annotations.NullMarked;
