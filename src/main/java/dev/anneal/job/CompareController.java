package dev.anneal.job;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.function.Function;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
class CompareController {
    private static final int MOST = 10;

    private final Jobs jobs;
    private final JobViews views;

    CompareController(Jobs jobs, JobViews views) {
        this.jobs = jobs;
        this.views = views;
    }

    @GetMapping("/api/v1/jobs/compare")
    JobComparison compare(@RequestParam(defaultValue = "") List<String> ids) {
        if (ids.size() < 2 || ids.size() > MOST) {
            throw Problem.invalid(
                    "ids",
                    "out_of_range",
                    "'ids' names %d jobs. Name 2 to %d, separated by commas.".formatted(ids.size(), MOST));
        }
        String project = Caller.current().project();
        List<Job> found = ids.stream()
                .map(id -> jobs.find(id, project).orElseThrow(() -> Problem.notFound("job", id)))
                .toList();
        if (found.stream().map(Job::getId).distinct().count() < found.size()) {
            throw Problem.invalid("ids", "invalid_value", "'ids' names a job twice. Name each job once.");
        }
        Function<Job, JobView> view = views.of(found);
        return JobComparison.of(found.stream().map(view).toList());
    }
}
