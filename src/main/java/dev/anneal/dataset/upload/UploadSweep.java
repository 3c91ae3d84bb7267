package dev.anneal.dataset.upload;

import dev.anneal.role.ForRole;
import java.io.IOException;
import java.util.List;
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
        for (String expired : uploads.expired()) {
            uploads.delete(expired);
            log.info("the upload {} has expired", expired);
        }
        try {
            List<String> here = files.all();
            List<String> existing = here.isEmpty() ? here : uploads.existing(here);
            here.stream().filter(id -> !existing.contains(id)).forEach(files::delete);
        } catch (IOException next) {
            log.warn("cannot list the files of uploads: {}", next.getMessage());
        }
    }
}
