/** The page for people: HTML of what the API answers, one class for each part. */
@NullMarked
package dev.anneal.page;

import org.jspecify.annotations.NullMarked;
