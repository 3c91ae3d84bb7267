/** The part of Jinja that chat templates use; docs/adr/0009 says why it is our own. */
@NullMarked
package dev.anneal.transformer.jinja;

import org.jspecify.annotations.NullMarked;
