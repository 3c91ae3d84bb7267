/** Checks of configured values at start, and how a wrong one is reported. */
@NullMarked
package dev.anneal.settings;

import org.jspecify.annotations.NullMarked;
