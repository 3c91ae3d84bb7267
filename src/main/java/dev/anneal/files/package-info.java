/** Files and directories that must survive a loss of power. */
package dev.anneal.files;
