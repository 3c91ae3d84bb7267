/** Models: a Hugging Face directory loaded into a program with its weights. Needs neither Spring nor a database. */
@NullMarked
package dev.anneal.transformer;

import org.jspecify.annotations.NullMarked;
