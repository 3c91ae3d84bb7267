package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.security.Caller;
import dev.anneal.web.Page;
import dev.anneal.web.limit.DownloadLimit;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The endpoints with which the predictions for rows are read. */
abstract class RowPredictionController {
    private final JobKind kind;
    private final Evaluations evaluations;
    private final RowPredictions predictions;
    private final DownloadLimit downloads;

    /** @param kind of the jobs that have the predictions */
    RowPredictionController(
            JobKind kind, Evaluations evaluations, RowPredictions predictions, DownloadLimit downloads) {
        this.kind = kind;
        this.evaluations = evaluations;
        this.predictions = predictions;
        this.downloads = downloads;
    }

    @GetMapping("/predictions")
    RowPredictions.RowPage predictions(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after)
            throws IOException {
        Job job = evaluations.find(kind, id);
        PredictionFilter filter = PredictionFilter.of(job.spec(), outcome, label, predicted);
        int most = Page.limit(limit);
        // The first page may have to fetch the predictions from the bucket.
        return downloads.within(Caller.current().project(), () -> predictions.page(job, filter, after, most));
    }

    @GetMapping("/predictions.csv")
    ResponseEntity<StreamingResponseBody> predictionsAsCsv(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted) {
        Job job = evaluations.find(kind, id);
        StreamingResponseBody csv = predictions.csv(job, PredictionFilter.of(job.spec(), outcome, label, predicted));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + job.getId() + "-predictions.csv\"")
                .body(downloads.count(Caller.current().project(), csv));
    }
}
