-- Jobs go on from their checkpoints: how often, after what wait, and from which.
alter table jobs
    add column max_attempts    int         not null default 3,
    add column next_attempt_at timestamptz, -- a job that was lost waits in the queue until then
    add column checkpoints     jsonb       not null default '{"every_steps": null, "every_seconds": 60, "keep": 2}',
    add column memory_losses   int         not null default 0, -- those of the losses that memory may explain
    add column pause_requested boolean     not null default false;

comment on column jobs.losses is 'attempts that were lost, worker or trainer, since there was a new checkpoint';

-- What the store has of a job's state, one row a step: the last ones of the last attempts, and the best epoch's.
create table job_checkpoints (
    job_id     text collate "C" not null references jobs on delete cascade,
    step       int         not null,
    epoch      int         not null,
    reason     text        not null,
    attempt    int         not null,
    size_bytes bigint      not null,
    has_model  boolean     not null,
    best       boolean     not null default false,
    artifact   text        not null unique,
    created_at timestamptz not null default clock_timestamp(),
    primary key (job_id, step)
);

-- Written before files go into the store, so that those which nothing came to name can be found and removed. It outlives
-- the job.
create table job_files (
    artifact   text primary key,
    job_id     text collate "C" not null,
    attempt    int         not null,
    created_at timestamptz not null default clock_timestamp()
);

-- A job makes one model, whose id follows from its own; its checkpoints can be published beside it.
alter table models drop constraint models_job_id_key;
alter table models add column checkpoint_step int;
