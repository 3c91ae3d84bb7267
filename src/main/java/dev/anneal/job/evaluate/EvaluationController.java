package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.JobReports;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.report.ReportPage;
import dev.anneal.role.ForRole;
import dev.anneal.web.HtmlPage;
import dev.anneal.web.limit.DownloadLimit;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/evaluations")
class EvaluationController extends ComputedController<EvaluationView> {
    private final JobReports reports;

    EvaluationController(Evaluations evaluations, JobReports reports, DownloadLimit downloads) {
        super(JobKind.evaluation, "createEvaluation", evaluations, downloads);
        this.reports = reports;
    }

    @Override
    EvaluationView view(Job job, @Nullable QueuePlace queue) {
        return EvaluationView.of(job, queue);
    }

    @GetMapping("/{id}/report")
    JsonNode report(@PathVariable String id) {
        return reports.of(find(id));
    }

    @GetMapping("/{id}/report.html")
    ResponseEntity<String> reportPage(@PathVariable String id, HttpServletResponse response) {
        return HtmlPage.of(reports.page(find(id)), ReportPage.POLICY, response);
    }
}
