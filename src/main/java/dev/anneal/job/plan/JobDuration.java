package dev.anneal.job.plan;

import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.linear.FeatureHead;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Estimates how long a job takes, from the last {@value #LATEST} jobs that succeeded on the same base model with the same task and
 * method. Epochs take {@code (epochs * examples) / (examples per second)} and, for their validations, {@code examples / (evaluated per
 * second)}: after each epoch, with {@code eval_steps} also within it. Folds and a data curve train and evaluate other models besides.
 *
 * <p>Outside of the epochs, a language model evaluates the validation rows before the first one. The report evaluates the test rows, or
 * the validation rows if there are none; that of a classifier on test rows needs the validation rows, too. What was forgotten, and a
 * baseline, are computed on a bounded number of texts. These texts take their share at the speed of a validation. What the earlier
 * jobs took besides, to start, to tokenize the rows and to store the model, is added. If frozen layers compute each row only once, a
 * validation is much faster than the whole model: the earlier jobs then tell what a text takes outside of the epochs.
 */
@Component
class JobDuration {
    static final int LATEST = 3;
    /** The share of the forward pass in a training step, if no evaluation was measured. */
    private static final double FORWARD_SHARE = 1.0 / 3;
    /** The shares of the rows that the models of a data curve are trained on, besides that of the job. */
    private static final List<Double> CURVE = List.of(0.1, 0.25, 0.5);

    /** The examples per second of earlier jobs; null if there are none, or none that were evaluated. */
    record Speed(@Nullable Double trained, @Nullable Double evaluated) {}

    /** The seconds that an earlier job took outside of its epochs, and its examples. */
    record Outside(double seconds, double train, double validation, double test) {}

    private final JdbcClient jdbc;

    JobDuration(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Returns the seconds; null if they are not known, because no similar job has succeeded in its first attempt.
     *
     * @param examples those of an epoch on the training rows
     * @param learned the same, with the rows of replay, or the pairs of few_shot
     */
    @Nullable
    Double seconds(JobPlan plan, long examples, long learned, String project) {
        List<String> latest = latest(plan, project);
        Speed speed = latest.isEmpty() ? new Speed(null, null) : speed(latest);
        Double trained = speed.trained();
        if (trained == null || trained <= 0) {
            return null;
        }
        double evaluated = speed.evaluated() == null ? trained / FORWARD_SHARE : speed.evaluated();
        Double outside = outside(plan, learned, perRow(plan, examples), latest, evaluated);
        if (outside == null) {
            return null;
        }
        double validated = plan.validations(learned).count() * plan.validationRows() * perRow(plan, examples);
        return plan.spec().hyperparameters().epochs() * learned / trained
                + validated / evaluated
                + outside
                + parts(plan, examples, trained, evaluated);
    }

    private List<String> latest(JobPlan plan, String project) {
        return jdbc.sql("""
                        select id from jobs where project = :project and kind = 'training' and status = 'succeeded'
                            and spec ->> 'base_model' = :base and spec ->> 'task' = :task
                            and (spec -> 'task_options') - 'long_texts' - 'calibrate' - 'generated_answers' = :options::jsonb - 'long_texts' - 'calibrate' - 'generated_answers'
                            and coalesce(spec -> 'task_options' ->> 'long_texts', 'truncate')
                                = coalesce(:options::jsonb ->> 'long_texts', 'truncate')
                            and spec -> 'method' ->> 'type' = :method
                        order by id desc limit :latest""")
                .param("project", project)
                .param("base", plan.request().baseModel())
                .param("task", plan.spec().task().text())
                .param("options", Json.write(plan.spec().taskOptions()))
                .param("method", plan.spec().method().type())
                .param("latest", LATEST)
                .query(String.class)
                .list();
    }

    private Speed speed(List<String> jobs) {
        return jdbc.sql("""
                        select avg((metrics ->> 'examples_per_second')::float8) as trained,
                               avg((metrics ->> 'evaluated_per_second')::float8) as evaluated
                        from (select job_id, metrics from job_metrics
                              union all select job_id, metrics from job_validations) as validations
                        where job_id in (:jobs)""").param("jobs", jobs).query(Speed.class).single();
    }

    /** Returns what those jobs took outside of their epochs that had one attempt, and no models on parts of the rows. */
    private List<Outside> outside(List<String> jobs) {
        return jdbc.sql("""
                        select extract(epoch from finished_at - started_at)::float8 - epochs.seconds as seconds,
                            (started.data ->> 'train_examples')::float8 as train,
                            coalesce((started.data ->> 'validation_examples')::float8, 0) as validation,
                            coalesce((started.data ->> 'test_examples')::float8, 0) as test
                        from jobs
                        cross join lateral (
                            select sum((metrics ->> 'seconds')::float8) as seconds from job_metrics
                            where job_id = jobs.id) as epochs
                        cross join lateral (
                            select data -> 'data' as data from job_events
                            where job_id = jobs.id and type = 'log' and data -> 'data' -> 'train_examples' is not null
                            order by id limit 1) as started
                        where jobs.id in (:jobs) and attempt = 1 and spec ->> 'folds' is null
                            and coalesce(spec ->> 'data_curve', 'false') = 'false'
                            and finished_at is not null and started_at is not null and epochs.seconds is not null""").param("jobs", jobs).query(Outside.class).list();
    }

    /** Returns the seconds outside of the epochs; null if the speed of the whole model is not known. */
    private @Nullable Double outside(JobPlan plan, long learned, double perRow, List<String> latest, double evaluated) {
        double texts = texts(plan, learned, plan.validationRows() * perRow, plan.testRows() * perRow);
        double baseline = baseline(plan, plan.trainRows(), plan.validationRows(), plan.testRows());
        List<Outside> earlier = outside(latest);
        if (plan.spec().keepsActivations()) {
            OptionalDouble ofText = mean(earlier, job -> secondsOfText(plan, job));
            return ofText.isEmpty() ? null : seconds(texts, baseline, ofText.getAsDouble());
        }
        double ofText = 1 / evaluated;
        double besides = mean(earlier, job -> {
                    double computed = seconds(texts(plan, job), baseline(plan, job), ofText);
                    return Math.max(0, job.seconds() - computed);
                })
                .orElse(0);
        return seconds(texts, baseline, ofText) + besides;
    }

    private static OptionalDouble mean(List<Outside> earlier, ToDoubleFunction<Outside> figure) {
        return earlier.stream().mapToDouble(figure).average();
    }

    /** Returns the seconds for texts and those of a baseline, which ends after a fixed time. */
    private static double seconds(double texts, double baseline, double ofText) {
        return texts * ofText + Math.min(FeatureHead.SECONDS, baseline * ofText);
    }

    /** Returns the seconds that each text of an earlier job took. Its baseline may have ended after the fixed time. */
    private static double secondsOfText(JobPlan plan, Outside earlier) {
        double texts = texts(plan, earlier);
        double seconds = Math.max(0, earlier.seconds());
        return Math.max(seconds / (texts + baseline(plan, earlier)), (seconds - FeatureHead.SECONDS) / texts);
    }

    private static double texts(JobPlan plan, Outside earlier) {
        return texts(plan, earlier.train(), earlier.validation(), earlier.test());
    }

    private static double baseline(JobPlan plan, Outside earlier) {
        return baseline(plan, earlier.train(), earlier.validation(), earlier.test());
    }

    /** Returns how many texts the whole model and its base model compute outside of the epochs, without a baseline. */
    private static double texts(JobPlan plan, double train, double validation, double test) {
        JobSpec spec = plan.spec();
        boolean isBefore = spec.task().isLanguageModel();
        boolean isReported =
                test == 0 || spec.task().isTuned(); // for the report on them, or for the one on the test rows
        double validations = (isBefore ? validation : 0) + (isReported ? validation : 0);
        int forgetting = 2 * (Forgetting.TEXTS + (spec.retainDataset() == null ? 0 : Forgetting.MOST_ROWS));
        return (spec.keepsActivations() ? train + validation : 0) + validations + test + forgetting;
    }

    /** Returns how many texts the base model computes to be a baseline. */
    private static double baseline(JobPlan plan, double train, double validation, double test) {
        double reported = test > 0 ? test : validation;
        return plan.spec().task().predictsTexts() && reported > 0
                ? Math.min(FeatureHead.MOST_ROWS, train) + Math.min(FeatureHead.MOST_ROWS, reported)
                : 0;
    }

    /** Returns the seconds of the models on parts of the rows. Each fold is computed once, and its model is trained on the others. */
    private static double parts(JobPlan plan, long examples, double trained, double evaluated) {
        Integer folds = plan.spec().folds();
        List<Double> curve = plan.spec().dataCurve() ? CURVE : List.of();
        List<Double> shares = new ArrayList<>(curve);
        if (folds != null) {
            shares.addAll(Collections.nCopies(folds, (folds - 1.0) / folds));
        }
        long learned = JobEstimator.trained(plan, examples);
        double passes = shares.stream().mapToDouble(share -> share).sum();
        long validations = shares.stream()
                .mapToLong(
                        share -> plan.validations(Math.round(share * learned)).count())
                .sum();
        long reported = plan.testRows() > 0 ? plan.testRows() : plan.validationRows();
        double computed = (validations * plan.validationRows() + curve.size() * reported) * perRow(plan, examples)
                + (folds == null ? 0 : examples);
        return passes * plan.spec().hyperparameters().epochs() * learned / trained + computed / evaluated;
    }

    /** Returns the examples of a row that is evaluated: those of a training row, but rows to evaluate are not packed. */
    private static double perRow(JobPlan plan, long examples) {
        return Math.max(1, (double) examples / Math.max(1, plan.trainRows()));
    }
}
