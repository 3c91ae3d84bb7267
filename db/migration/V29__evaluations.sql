-- A job trains a model, evaluates one, or predicts with one. All kinds share the queue, the lease, the events and the limits.
alter table jobs
    add column kind        text not null default 'training' check (kind in ('training', 'evaluation', 'prediction')),
    add column predictions text; -- the artifact with the prediction for each row

-- Ids of different kinds have different prefixes, so the oldest job is the one that was created first.
drop index jobs_queued;
create index jobs_queued on jobs (project, priority desc, created_at, id) include (memory_bytes, next_attempt_at)
    where status = 'queued';
create index jobs_of_kind on jobs (project, kind, id);
create index jobs_predictions on jobs (predictions) where predictions is not null;

-- Where a row was read, so that a person finds it in the file. Rows from before have neither.
alter table dataset_rows
    add column line bigint,
    add column file text; -- null if the dataset has one file
