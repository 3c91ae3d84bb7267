package dev.anneal.job.queue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The rate at which threads with a connection each claim jobs, and the plan of Postgres; see bench/claims. */
final class ClaimBench {
    private static final int QUEUED = 10_000;
    private static final int OLD = 100_000;

    private final JdbcClient jdbc;
    private final JobQueue queue;
    private final TransactionTemplate transactions;
    private final int claims;

    private ClaimBench(DataSource source, int claims) {
        this.claims = claims;
        this.jdbc = JdbcClient.create(source);
        this.queue = new JobQueue(
                jdbc,
                new JobEvents(jdbc, List.of()),
                new LeaseSettings(Duration.ofSeconds(15), Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO));
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(source));
    }

    public static void main(String[] arguments) throws Exception {
        String url = System.getenv("ANNEAL_DATABASE_URL");
        EmbeddedPostgres server = url != null
                ? null
                : EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(server == null ? url : server.getJdbcUrl("postgres", "postgres"));
        config.setUsername(server == null ? System.getenv("ANNEAL_DATABASE_USER") : "postgres");
        config.setPassword(server == null ? System.getenv("ANNEAL_DATABASE_PASSWORD") : "postgres");
        config.setMaximumPoolSize(8);
        try (HikariDataSource source = new HikariDataSource(config)) {
            Flyway.configure().dataSource(source).load().migrate();
            new ClaimBench(source, arguments.length == 0 ? 2_000 : Integer.parseInt(arguments[0])).run();
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    private void run() throws Exception {
        claim(1); // warms up
        System.out.println("old rows  queued  claimers  claims/s  p50 ms  p99 ms");
        for (int old : new int[] {0, OLD}) {
            insert("old", old, "succeeded");
            for (int claimers : new int[] {1, 2, 4}) {
                List<Double> millis = new ArrayList<>();
                double seconds = claim(claimers, millis);
                Collections.sort(millis);
                System.out.printf(
                        "%8d  %6d  %8d  %8.0f  %6.1f  %6.1f%n",
                        old,
                        QUEUED,
                        claimers,
                        millis.size() / seconds,
                        millis.get(millis.size() / 2),
                        millis.get(millis.size() * 99 / 100));
            }
        }
        explain();
    }

    private double claim(int claimers) throws Exception {
        return claim(claimers, new ArrayList<>());
    }

    /** Claims from a full queue; each job has ended, as one that does nothing, before its claimer asks for the next. */
    private double claim(int claimers, List<Double> millis) throws Exception {
        jdbc.sql("delete from jobs where id like 'job_new%'").update();
        insert("new", QUEUED, "queued");
        jdbc.sql("vacuum analyze jobs").update();
        AtomicInteger left = new AtomicInteger(claims);
        ExecutorService threads = Executors.newFixedThreadPool(claimers);
        List<Future<List<Double>>> results = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < claimers; i++) {
            String name = "w" + i + "/slot-0";
            results.add(threads.submit(() -> claimer(name, left)));
        }
        for (Future<List<Double>> result : results) {
            millis.addAll(result.get());
        }
        threads.shutdown();
        return (System.nanoTime() - start) / 1e9;
    }

    private List<Double> claimer(String name, AtomicInteger left) {
        List<Double> millis = new ArrayList<>();
        while (left.getAndDecrement() > 0) {
            long before = System.nanoTime();
            Optional<Attempt> claimed = transactions.execute(status -> queue.claim(name, Long.MAX_VALUE));
            millis.add((System.nanoTime() - before) / 1e6);
            jdbc.sql("update jobs set status = 'succeeded', finished_at = now(), lease_until = null where id = ?")
                    .param(claimed.orElseThrow().jobId())
                    .update();
        }
        return millis;
    }

    private void insert(String name, int jobs, String status) {
        jdbc.sql("""
                        insert into jobs (id, name, spec, metadata, status, created_at, started_at, finished_at, memory_bytes,
                            best)
                        select 'job_' || :name || '_' || lpad(n::text, 6, '0'), 'reviews',
                            '{"task": "text-classification", "base_model": "all-MiniLM-L6-v2", "dataset": "ds",
                              "labels": ["negative", "positive"], "method": {"type": "full"}, "hyperparameters":
                              {"epochs": 3, "batch_size": 32, "learning_rate": 5e-5, "max_length": 256, "seed": 42}}',
                            '{"team": "search"}', :status, now() - interval '1 hour',
                            case when :status <> 'queued' then now() - interval '50 minutes' end,
                            case when :status <> 'queued' then now() - make_interval(secs => n / 100.0) end, 1000000000,
                            case when :status <> 'queued' then '{"epoch": 2, "metric": "f1_macro", "value": 0.91}'::jsonb end
                        from generate_series(1, :jobs) n""")
                .param("name", name)
                .param("status", status)
                .param("jobs", jobs)
                .update();
    }

    /** The statements that run often, on the last of these tables. */
    private void explain() {
        jdbc.sql("vacuum analyze jobs").update();
        transactions.executeWithoutResult(status -> {
            show("claim", JobQueue.CLAIM.replace(":worker", "'w/slot-0'").replace(":lease", "15"));
            status.setRollbackOnly();
        });
        show("list", "select * from jobs where id < '~' order by id desc limit 21");
        show("list of a status", "select * from jobs where status = 'running' and id < '~' order by id desc limit 21");
        show(
                "event tick",
                "select id, last_event, status from jobs where id = any(array(select 'job_old_0'"
                        + " || lpad(n::text, 5, '0') from generate_series(1, 1000) n))");
        show(
                "heartbeat",
                "update jobs set lease_until = now() where id = 'job_new_009000' and attempt = 0"
                        + " and status = 'queued'");
        show("places", QueuePlaces.WAITING.replace(":ids", "array['job_new_009000']"));
        show("queue gauges", "select status, count(*) from jobs where status in ('queued', 'running') group by status");
    }

    private void show(String name, String statement) {
        System.out.println();
        System.out.println(name);
        jdbc.sql("explain (analyze, costs off, buffers) " + statement.replace(":memory", "20000000000"))
                .query(String.class)
                .list()
                .forEach(line -> System.out.println("    " + line));
    }
}
