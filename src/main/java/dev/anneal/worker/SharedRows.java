package dev.anneal.worker;

import dev.anneal.dataset.Datasets;
import dev.anneal.files.SharedFiles;
import dev.anneal.job.plan.TrainerSettings;
import dev.anneal.local.DataDirectory;
import dev.anneal.role.Sweeps;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The tokenized rows that the trainers of this machine share. Those of deleted datasets are removed within a minute, as is what
 * exceeds the limit.
 */
@Component
class SharedRows implements SchedulingConfigurer {
    private static final Logger log = LoggerFactory.getLogger(SharedRows.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final SharedFiles files;
    private final Datasets datasets;

    SharedRows(DataDirectory data, TrainerSettings settings, Datasets datasets) {
        this.files = new SharedFiles(
                data.directory("cache/rows"), settings.tokenizedSize().toBytes());
        this.datasets = datasets;
    }

    /** Returns the directory for trainers, or null if they share no rows. */
    @Nullable
    String directory() {
        return files.maxBytes() == 0 ? null : files.directory().toString();
    }

    long maxBytes() {
        return files.maxBytes();
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(this::sweep, INTERVAL);
    }

    /** Removes the rows of datasets that no longer exist, and what exceeds the limit. */
    void sweep() {
        try {
            Sweeps.time("tokenized_rows", this::removeUnused);
        } catch (IOException | DataAccessException | TransactionException later) {
            log.warn("cannot remove tokenized rows: {}", later.getMessage());
        }
    }

    private void removeUnused() throws IOException {
        for (String dataset : files.owners()) {
            if (!datasets.existsById(dataset)) {
                files.remove(dataset);
                log.info("removed the tokenized rows of the deleted dataset {}", dataset);
            }
        }
        files.sweep();
    }
}
