-- The metrics of validations within epochs; job_metrics has those of the ends of epochs.
create table job_validations (
    job_id  text collate "C" not null references jobs on delete cascade,
    step    int   not null,
    epoch   int   not null,
    metrics jsonb not null,
    primary key (job_id, step)
);
