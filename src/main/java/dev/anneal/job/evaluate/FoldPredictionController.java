package dev.anneal.job.evaluate;

import dev.anneal.job.queue.JobKind;
import dev.anneal.role.ForRole;
import dev.anneal.web.limit.DownloadLimit;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The predictions for the training rows of a job, each by the model of its fold. */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/jobs/{id}")
class FoldPredictionController extends RowPredictionController {
    FoldPredictionController(Evaluations evaluations, RowPredictions predictions, DownloadLimit downloads) {
        super(JobKind.training, evaluations, predictions, downloads);
    }
}
