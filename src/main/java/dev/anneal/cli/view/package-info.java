/** Views of jobs, reports and predictions for the terminal. */
@NullMarked
package dev.anneal.cli.view;

import org.jspecify.annotations.NullMarked;
