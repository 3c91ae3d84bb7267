/** Child processes of the server: how a JVM of our own is started beside it. */
@NullMarked
package dev.anneal.child;

import org.jspecify.annotations.NullMarked;
