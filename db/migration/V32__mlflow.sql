-- What of each job an MLflow server has received. A row is written in the transaction that changes the job's status, if a tracking
-- server is configured.
create table mlflow_runs (
    job_id        text collate "C" primary key references jobs on delete cascade,
    run_id        text,                           -- null until the run exists
    status        text        not null default 'pending' check (status in ('pending', 'done', 'failed')),
    last_event    bigint      not null default 0, -- all events up to this one were received
    claims        bigint      not null default 0, -- writes of an earlier claim change nothing
    wakes         bigint      not null default 0, -- changes of the job's status
    failures      int         not null default 0, -- since the last success
    failing_since timestamptz,
    next_at       timestamptz not null default now(),
    lease_until   timestamptz,
    error         text
);
create index mlflow_runs_due on mlflow_runs (next_at) where status = 'pending';
