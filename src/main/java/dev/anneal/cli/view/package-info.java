/** Views of jobs, reports and predictions for the terminal. */
package dev.anneal.cli.view;
