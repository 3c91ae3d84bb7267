/** What training knows about each task: how a row becomes examples, what a batch teaches, how a model is evaluated. */
package dev.anneal.training.task;
