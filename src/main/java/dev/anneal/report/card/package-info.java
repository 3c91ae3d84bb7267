/** The files in an exported model that say where it comes from: its model card, and the record of its training. */
@NullMarked
package dev.anneal.report.card;

import org.jspecify.annotations.NullMarked;
