/** The bytes of an uploaded file: compression, zips and encodings, with limits on what they unpack to. */
@NullMarked
package dev.anneal.dataset.unpack;

import org.jspecify.annotations.NullMarked;
