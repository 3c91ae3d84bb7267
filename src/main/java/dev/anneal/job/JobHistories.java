package dev.anneal.job;

import dev.anneal.event.Event;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.json.Json;
import dev.anneal.sql.Instants;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads the course of a job. The database thins the points, so a job with a million steps costs the server no memory. It reads each
 * step of the job for that, or a sample of the steps if there are very many. So it does so for only a few callers of a project at
 * once, and not for long.
 */
@Component
class JobHistories {
    private static final int LINES = 200;
    private static final int FEWEST = 10;
    private static final int MOST = 2000;
    private static final int AT_ONCE = 2;
    private static final int STATEMENT_SECONDS = 3;

    /** The most events of a job that are all read. Of a job with more a sample is read, of at most a quarter as many. */
    private static final long MOST_EVENTS = 200_000;

    /** The reports of all steps. */
    private static final String ALL = """
            select id, (data ->> 'step')::int as step, data from job_events
            where job_id = :job and id <= :last and type = 'step' and data -> 'phase' is null""";

    /**
     * The first and the last report, and in each range of :stride events the first one, if it is near the beginning of the range. What one
     * range costs is bounded, whatever its events are. A report between the steps of two later ones was repeated after a lost attempt.
     */
    private static final String SAMPLE = """
            select id, step, data from (
                select id, step, data, min(step) over later as low, max(step) over later as high
                from (
                    select found.id, (found.data ->> 'step')::int as step, found.data
                    from generate_series(1::bigint, :last, :stride) as part (first_id)
                    cross join lateral (
                        select id, data from (
                            select id, type, data from job_events
                            where job_id = :job and id >= part.first_id and id < least(part.first_id + :stride, :last + 1)
                            order by id limit 16) as near
                        where type = 'step' and data -> 'phase' is null order by id limit 1) as found
                    union all
                    (select id, (data ->> 'step')::int, data from (
                        select id, type, data from job_events where job_id = :job and id <= :last
                        order by id limit 1000) as early
                    where type = 'step' and data -> 'phase' is null order by id limit 1)
                    union all
                    (select id, (data ->> 'step')::int, data from (
                        select id, type, data from job_events where job_id = :job and id <= :last
                        order by id desc limit 1000) as late
                    where type = 'step' and data -> 'phase' is null order by id desc limit 1)) as sampled
                window later as (order by id desc rows between unbounded preceding and 1 preceding)) as reports
            where low is null or step < low or step > high""";

    /** A point, and the number of steps from which the points were chosen. */
    private record Chosen(
            int step, int epoch, double trainLoss, double learningRate, double examplesPerSecond, long count) {
        JobHistory.Point point() {
            return new JobHistory.Point(step, epoch, trainLoss, learningRate, examplesPerSecond);
        }
    }

    private final JdbcClient jdbc;
    private final JobEvents events;
    private final long mostEvents;
    private final Map<String, Semaphore> turns = new ConcurrentHashMap<>();

    @Autowired
    JobHistories(DataSource dataSource, JobEvents events) {
        this(dataSource, events, STATEMENT_SECONDS, MOST_EVENTS);
    }

    JobHistories(DataSource dataSource, JobEvents events, int statementSeconds, long mostEvents) {
        JdbcTemplate bounded = new JdbcTemplate(dataSource);
        bounded.setQueryTimeout(statementSeconds);
        this.jdbc = JdbcClient.create(bounded);
        this.events = events;
        this.mostEvents = mostEvents;
    }

    /**
     * Returns the course of a job. Of the steps it has the first and the last one, and from each of many groups that follow each
     * other those with the lowest and the highest loss, so that no peak is lost unless only a sample is read. Of a step that was repeated
     * the last report counts. Waits while others read the courses of jobs of the project.
     *
     * @param points about so many steps
     */
    JobHistory of(String job, String project, int points) {
        if (points < FEWEST || points > MOST) {
            throw Problem.invalid(
                    "points",
                    "out_of_range",
                    "'points' is %d. It must be from %d to %d.".formatted(points, FEWEST, MOST));
        }
        Semaphore turn = turns.computeIfAbsent(project, key -> new Semaphore(AT_ONCE, true));
        turn.acquireUninterruptibly();
        try {
            return read(job, points);
        } catch (QueryTimeoutException slow) {
            throw Problem.unprocessable(
                    "history_too_slow",
                    "The database is too busy to choose points from the steps of the job. Try again later, or read the events of"
                            + " the job.");
        } finally {
            turn.release();
        }
    }

    private JobHistory read(String job, int points) {
        long last =
                Objects.requireNonNull(events.reached(List.of(job)).get(job)).lastEvent();
        long stride = last <= mostEvents ? 1 : (4 * last + mostEvents - 1) / mostEvents;
        List<Chosen> chosen = choose(job, last, stride, points);
        return new JobHistory(
                last,
                chosen.isEmpty() ? 0 : chosen.get(0).count() * stride,
                chosen.stream().map(Chosen::point).toList(),
                log(job, last));
    }

    private List<Chosen> choose(String job, long last, long stride, int points) {
        return jdbc.sql("""
                        with reported as (
                            select distinct on (step) step, (data ->> 'epoch')::int as epoch,
                                (data ->> 'train_loss')::float8 as train_loss,
                                (data ->> 'learning_rate')::float8 as learning_rate,
                                (data ->> 'examples_per_second')::float8 as examples_per_second
                            from (%s) as steps
                            order by step, id desc),
                        grouped as (
                            select *, ntile(:groups) over (order by step) as part, row_number() over (order by step) as number,
                                count(*) over () as count
                            from reported),
                        ranked as (
                            select *, row_number() over (partition by part order by train_loss, step) as lowest,
                                row_number() over (partition by part order by train_loss desc, step) as highest
                            from grouped)
                        select step, epoch, train_loss, learning_rate, examples_per_second, count from ranked
                        where lowest = 1 or highest = 1 or number = 1 or number = count order by step""".formatted(stride == 1 ? ALL : SAMPLE))
                .param("job", job)
                .param("last", last)
                .param("stride", stride)
                .param("groups", Math.max(1, points / 2 - 1))
                .query(Chosen.class)
                .list();
    }

    private List<Event> log(String job, long last) {
        return jdbc.sql("""
                        select * from (
                            select id, type, created_at, data from job_events
                            where job_id = ? and id <= ? and type in ('log', 'status') order by id desc limit ?) as lines
                        order by id""")
                .params(job, last, LINES)
                .query((row, i) -> new Event(
                        row.getLong("id"),
                        row.getString("type"),
                        Instants.of(row, "created_at"),
                        Json.MAPPER.readTree(row.getString("data"))))
                .list();
    }
}
