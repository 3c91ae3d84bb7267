package dev.anneal.testing;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Removes what earlier classes left in the database of a server. Test classes with the same settings share a server, and run in any
 * order, so each of them begins with the rows that a server has after its first start.
 */
class FormerRows implements TestExecutionListener {
    /** The tables to which a server or a user adds rows, those that refer to others first. Workers and the audit log stay. */
    private static final List<String> ADDED = List.of(
            "jobs",
            "datasets",
            "uploads",
            "webhooks",
            "idempotency_keys",
            "job_files",
            "models where project is not null",
            "api_keys where created_by is not null",
            "projects where id <> 'default'");

    private static final Set<ApplicationContext> USED = Collections.newSetFromMap(new WeakHashMap<>());

    @Override
    public void beforeTestClass(TestContext test) {
        ApplicationContext server = test.getApplicationContext();
        if (!USED.add(server)) {
            JdbcClient jdbc = server.getBean(JdbcClient.class);
            ADDED.forEach(rows -> jdbc.sql("delete from " + rows).update());
            jdbc.sql(
                            "update projects set weight = 1, max_running_jobs = null, max_queued_jobs = null, max_datasets = null,"
                                    + " max_storage_bytes = null")
                    .update();
        }
    }
}
