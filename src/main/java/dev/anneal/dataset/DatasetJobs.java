package dev.anneal.dataset;

import java.util.List;

/** The questions of datasets about jobs, which a package above this one answers. */
public interface DatasetJobs {
    /** Returns the ids of some jobs that have not ended and use the dataset. */
    List<String> needingDataset(String datasetId);
}
