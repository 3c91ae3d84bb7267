/** How jobs, reports and predictions look in the terminal. */
package dev.anneal.cli.view;
