/** Files and directories that must survive a loss of power. */
@NullMarked
package dev.anneal.files;

import org.jspecify.annotations.NullMarked;
