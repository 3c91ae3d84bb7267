package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.role.ForRole;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/predictions")
class PredictionController extends ComputedController<ComputedView> {
    private final RowPredictions predictions;

    PredictionController(Evaluations evaluations, RowPredictions predictions, DownloadLimit downloads) {
        super(JobKind.prediction, "createPrediction", evaluations, downloads);
        this.predictions = predictions;
    }

    @Override
    ComputedView view(Job job, @Nullable QueuePlace queue) {
        return ComputedView.of(job, queue);
    }

    @GetMapping("/{id}/download")
    ResponseEntity<StreamingResponseBody> download(
            @PathVariable String id, @RequestParam(defaultValue = "csv") String format) {
        Job prediction = find(id);
        if (!format.equals("csv") && !format.equals("jsonl")) {
            throw Problem.invalid("format", "unknown_format", "'format' must be csv or jsonl.");
        }
        StreamingResponseBody file = format.equals("csv")
                ? predictions.csv(prediction, new PredictionFilter(null, null, null))
                : predictions.lines(prediction);
        return file(prediction.getId() + "." + format, file);
    }
}
