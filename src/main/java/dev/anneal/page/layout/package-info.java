/** The parts that all pages share: the frame, forms, lists, and the files that a browser loads. */
@NullMarked
package dev.anneal.page.layout;

import org.jspecify.annotations.NullMarked;
