/** Datasets: upload, storage, splits and statistics, and checks of whether a dataset can be trained on. */
@NullMarked
package dev.anneal.dataset;

import org.jspecify.annotations.NullMarked;
