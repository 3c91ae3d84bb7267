package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Worker processes on one Postgres empty a queue of jobs. They do all that workers do, except training. */
final class Drain {
    private static final int SLOTS = 2;

    /** The claims that got a job. Times are in milliseconds. */
    record Figures(int claims, double seconds, double median, double p99, double longest, List<Integer> byProcess) {}

    private Drain() {}

    /** The arguments are the numbers of processes, of jobs, and of jobs that have already ended. */
    public static void main(String[] arguments) throws IOException {
        int processes = Integer.parseInt(arguments[0]);
        int jobs = Integer.parseInt(arguments[1]);
        int old = Integer.parseInt(arguments[2]);
        SilencedLogs.logs();
        Figures figures = run(processes, jobs, old);
        System.out.println(
                "| processes × slots | jobs | ended before | claims/s | median ms | p99 ms | longest ms | jobs by process |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        System.out.printf(
                Locale.ROOT,
                "| %d × %d | %d | %d | %.0f | %.1f | %.1f | %.0f | %s |%n",
                processes,
                SLOTS,
                jobs,
                old,
                figures.claims / figures.seconds,
                figures.median,
                figures.p99,
                figures.longest,
                figures.byProcess);
    }

    /** Fails if a job was lost, claimed twice or reported twice. */
    static Figures run(int processes, int jobs, int old) throws IOException {
        try (Installation installation = new Installation()) {
            ServerNode api = installation.api();
            String dataset = api.client()
                    .upload("reviews.csv", Reviews.csv(60), Map.of())
                    .text("id");
            String template = Submission.submit(api.client(), dataset, Map.of(), Map.of());
            JdbcClient sql = installation.sql();
            copy(sql, template, "job_0", old, "'succeeded'");
            sql.sql("update jobs set status = 'cancelled', finished_at = now() where id = ?")
                    .param(template)
                    .update();
            sql.sql("analyze").update();
            List<ServerNode> workers = IntStream.rangeClosed(1, processes)
                    .mapToObj(i -> installation
                            .idleWorker(
                                    "worker-" + i,
                                    "--anneal.worker.devices="
                                            + String.join(",", java.util.Collections.nCopies(SLOTS, "cpu")))
                            .with(Map.of("NO_TRAINING", "true"))
                            .start())
                    .toList();
            workers.forEach(ServerNode::awaitReady);
            copy(sql, template, "job_z", jobs, "'queued'");
            Awaitility.await()
                    .atMost(Duration.ofMinutes(15))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> sql.sql("select count(*) from jobs where status in ('queued', 'running')")
                                    .query(Long.class)
                                    .single()
                            == 0);
            workers.forEach(worker -> worker.terminate(60));
            check(sql, jobs);
            return figures(installation.root.resolve("data"), jobs);
        }
    }

    /** Inserts copies of the template job. */
    private static void copy(JdbcClient sql, String template, String prefix, int count, String status) {
        sql.sql("""
                        with copies as (
                            insert into jobs select (jsonb_populate_record(job, jsonb_build_object(
                                'id', :prefix || lpad(n::text, 26, '0'), 'status', %1$s, 'last_event', 1,
                                'attempt', case when %1$s = 'queued' then 0 else 1 end,
                                'finished_at', case when %1$s = 'queued' then null else now() end))).*
                            from jobs job, generate_series(1, :count) n where job.id = :template
                            returning id)
                        insert into job_events (job_id, id, type, data)
                        select id, 1, 'status', '{"status": "queued"}'::jsonb from copies""".formatted(status))
                .param("prefix", prefix)
                .param("count", count)
                .param("template", template)
                .update();
    }

    private static void check(JdbcClient sql, int jobs) {
        assertThat(count(sql, "jobs where id like 'job_z%' and status = 'succeeded' and attempt = 1"))
                .as("jobs that succeeded at their first attempt")
                .isEqualTo(jobs);
        assertThat(count(sql, "job_metrics where job_id like 'job_z%'"))
                .as("epochs")
                .isEqualTo(jobs);
        for (String status : List.of("running", "succeeded")) {
            assertThat(count(
                            sql,
                            "(select job_id from job_events where job_id like 'job_z%' and data->>'status' = '" + status
                                    + "' group by job_id having count(*) = 1) once"))
                    .as("jobs that were %s once", status)
                    .isEqualTo(jobs);
        }
        assertThat(count(
                        sql,
                        "(select job_id from job_events where job_id like 'job_z%' group by job_id"
                                + " having max(id) = count(*) and count(*) = 4) gapless"))
                .as("jobs with their four events")
                .isEqualTo(jobs);
    }

    private static long count(JdbcClient sql, String what) {
        return sql.sql("select count(*) from " + what).query(Long.class).single();
    }

    private static Figures figures(Path data, int jobs) throws IOException {
        List<String> claims = new ArrayList<>();
        List<Integer> byProcess = new ArrayList<>();
        try (Stream<Path> files = Files.list(data)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("claims-"))
                    .toList()) {
                List<String> own = Files.readAllLines(file);
                byProcess.add(own.size());
                claims.addAll(own);
            }
        }
        assertThat(claims).hasSize(jobs);
        assertThat(claims.stream().map(claim -> claim.split(" ")[0])).doesNotHaveDuplicates();
        double[] millis = claims.stream()
                .mapToDouble(claim -> Long.parseLong(claim.split(" ")[2]) / 1e6)
                .sorted()
                .toArray();
        long[] times = claims.stream()
                .mapToLong(claim -> Long.parseLong(claim.split(" ")[3]))
                .sorted()
                .toArray();
        return new Figures(
                jobs,
                Math.max(1, times[jobs - 1] - times[0]) / 1e3,
                millis[jobs / 2],
                millis[jobs * 99 / 100],
                millis[jobs - 1],
                byProcess);
    }
}
