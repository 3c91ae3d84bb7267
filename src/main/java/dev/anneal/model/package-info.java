/** The registry of models: the bundled one, imports from a hub or a zip, and downloads. */
package dev.anneal.model;
