/** Datasets: upload, storage, splits and statistics, and checks of whether a dataset can be trained on. */
package dev.anneal.dataset;
