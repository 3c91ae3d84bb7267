/**
 * The trainer: a program of its own that turns a work directory (specification and rows) into a model, metrics and a
 * report. Knows no Spring and no database.
 */
package dev.anneal.training;
