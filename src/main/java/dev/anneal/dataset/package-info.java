/** Datasets: upload, storage, splits and statistics, and the checks that a job makes before it trains on one. */
package dev.anneal.dataset;
