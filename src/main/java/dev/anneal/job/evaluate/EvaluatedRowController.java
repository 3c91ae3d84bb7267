package dev.anneal.job.evaluate;

import dev.anneal.job.queue.JobKind;
import dev.anneal.role.ForRole;
import dev.anneal.web.limit.DownloadLimit;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The predictions for the rows of an evaluation. */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/evaluations/{id}")
class EvaluatedRowController extends RowPredictionController {
    EvaluatedRowController(Evaluations evaluations, RowPredictions predictions, DownloadLimit downloads) {
        super(JobKind.evaluation, evaluations, predictions, downloads);
    }
}
