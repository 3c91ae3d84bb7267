package dev.anneal.dataset.upload;

import dev.anneal.files.FileLocks;
import dev.anneal.role.ForRole;
import dev.anneal.role.Sweeps;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.stereotype.Component;

/** Removes uploads to which nothing was added for long, and files whose upload is gone. */
@Component
@ForRole("api")
class UploadSweep implements SchedulingConfigurer {
    private static final Logger log = LoggerFactory.getLogger(UploadSweep.class);

    private final Uploads uploads;
    private final UploadFiles files;
    private final ResumableSettings settings;

    UploadSweep(Uploads uploads, UploadFiles files, ResumableSettings settings) {
        this.uploads = uploads;
        this.files = files;
        this.settings = settings;
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(this::sweep, settings.sweep());
    }

    void sweep() {
        try {
            Sweeps.time("uploads", this::removeExpired);
        } catch (IOException next) {
            log.warn("cannot list the files of uploads: {}", next.getMessage());
        }
    }

    private void removeExpired() throws IOException {
        uploads.expired().forEach(this::remove);
        List<String> here = files.all();
        List<String> existing = here.isEmpty() ? here : uploads.existing(here);
        here.stream().filter(id -> !existing.contains(id)).forEach(files::deleteIfFree);
    }

    /** Removes an upload unless a request has its lock: bytes may arrive. */
    private void remove(String id) {
        try {
            Optional<FileLocks.Held> lock = files.tryLock(id);
            if (lock.isEmpty()) {
                return;
            }
            try (FileLocks.Held held = lock.get()) {
                if (uploads.deleteExpired(id)) {
                    log.info("the upload {} has expired", id);
                    files.delete(id);
                }
            }
        } catch (IOException next) {
            log.warn("cannot lock the upload {}: {}", id, next.getMessage());
        }
    }
}
