package dev.anneal.job;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/jobs/{id}/history")
class JobHistoryController {
    private final Jobs jobs;
    private final JobHistories histories;
    private final DownloadLimit downloads;

    JobHistoryController(Jobs jobs, JobHistories histories, DownloadLimit downloads) {
        this.jobs = jobs;
        this.histories = histories;
        this.downloads = downloads;
    }

    @GetMapping
    JobHistory get(@PathVariable String id, @RequestParam(defaultValue = "1000") int points) throws IOException {
        String project = Caller.current().project();
        String job = jobs.find(id, project)
                .orElseThrow(() -> Problem.notFound("job", id))
                .getId();
        return downloads.within(project, () -> histories.of(job, project, points));
    }
}
