package dev.anneal.job.figure;

import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The figures of a job as files. */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/jobs/{id}")
class FigureController {
    private final Jobs jobs;
    private final FigureFiles files;
    private final DownloadLimit downloads;

    FigureController(Jobs jobs, FigureFiles files, DownloadLimit downloads) {
        this.jobs = jobs;
        this.files = files;
        this.downloads = downloads;
    }

    @GetMapping("/metrics.csv")
    ResponseEntity<StreamingResponseBody> csv(@PathVariable String id) {
        Job job = find(id);
        return file(job.getId() + "-metrics.csv", out -> files.csv(job.getId(), out));
    }

    @GetMapping("/tensorboard")
    ResponseEntity<StreamingResponseBody> tensorBoard(@PathVariable String id) {
        Job job = find(id);
        // TensorBoard reads files whose names have this form.
        String name = "events.out.tfevents." + job.createdAt().getEpochSecond() + "." + job.getId();
        return file(name, out -> files.tensorBoard(job.getId(), job.createdAt(), out));
    }

    private Job find(String id) {
        return jobs.find(id, Caller.current().project()).orElseThrow(() -> Problem.notFound("job", id));
    }

    private ResponseEntity<StreamingResponseBody> file(String name, StreamingResponseBody content) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"")
                .body(downloads.count(Caller.current().project(), content));
    }
}
