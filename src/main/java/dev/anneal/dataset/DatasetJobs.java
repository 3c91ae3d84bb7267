package dev.anneal.dataset;

import java.util.List;

/** What datasets need to know of jobs, whose package is above this one. */
public interface DatasetJobs {
    /** Returns the ids of some jobs that have not ended and use the dataset. */
    List<String> needingDataset(String datasetId);
}
