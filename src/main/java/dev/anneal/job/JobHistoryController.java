package dev.anneal.job;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
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

    JobHistoryController(Jobs jobs, JobHistories histories) {
        this.jobs = jobs;
        this.histories = histories;
    }

    @GetMapping
    JobHistory get(@PathVariable String id, @RequestParam(defaultValue = "1000") int points) {
        String job = jobs.find(id, Caller.current().project())
                .orElseThrow(() -> Problem.notFound("job", id))
                .getId();
        return histories.of(job, points);
    }
}
