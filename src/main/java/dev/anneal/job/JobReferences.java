package dev.anneal.job;

import dev.anneal.dataset.DatasetJobs;
import dev.anneal.model.Model;
import dev.anneal.model.ModelJobs;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds the jobs that use a dataset or a model, for the packages that own these. */
@Component
class JobReferences implements DatasetJobs, ModelJobs {
    private static final String NOT_ENDED = "status in ('queued', 'running', 'paused')";

    private final JdbcClient jdbc;

    JobReferences(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<String> needingDataset(String datasetId) {
        return jdbc.sql("select id from jobs where " + NOT_ENDED
                        + " and :id in (spec ->> 'dataset', spec ->> 'validation_dataset', spec ->> 'test_dataset',"
                        + " spec ->> 'retain_dataset', spec #>> '{replay,dataset}')"
                        + " limit 5")
                .param("id", datasetId)
                .query(String.class)
                .list();
    }

    @Override
    public boolean needModel(Model model) {
        return jdbc.sql("select exists (select from jobs where " + NOT_ENDED
                        + " and (spec ->> 'base_model' = :id or (:base and spec ->> 'base_model' = :name"
                        + " and (cast(:project as text) is null or project = :project))))")
                .param("id", model.getId())
                .param("project", model.project())
                .param("base", model.isBase())
                .param("name", model.name())
                .query(Boolean.class)
                .single();
    }

    @Override
    public Optional<String> status(String jobId, String project) {
        return jdbc.sql("select status from jobs where id = ? and project = ?")
                .params(jobId, project)
                .query(String.class)
                .optional();
    }

    @Override
    public Optional<String> waitingFor(String name, String project) {
        return jdbc.sql("select id from jobs where project = ? and name = ? and kind = 'training' and " + NOT_ENDED
                        + " limit 1")
                .params(project, name)
                .query(String.class)
                .optional();
    }
}
