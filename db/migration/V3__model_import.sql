-- A model that is being imported has a row before it has files: what is read off the files is null until it is ready.
alter table models
    add column status      text   not null default 'ready' check (status in ('importing', 'ready', 'failed')),
    add column source      text,  -- hf:org/name, or upload:file.zip; null for what comes with the server or from a job
    add column revision    text,  -- as it was asked for
    add column commit_sha  text,  -- what the revision stood for when the import began
    add column error       jsonb,
    add column progress    jsonb,
    add column workspace   text,  -- the directory of files that are not whole yet
    add column last_event  bigint not null default 0,
    add column attempt     int    not null default 0,
    add column lease_until timestamptz;

alter table models
    alter column architecture drop not null,
    alter column parameters drop not null,
    alter column max_length drop not null,
    alter column size_bytes drop not null,
    alter column sha256 drop not null,
    alter column artifact drop not null;

alter table models add constraint models_ready_has_files check (status <> 'ready'
    or (architecture is not null and parameters is not null and max_length is not null
        and size_bytes is not null and sha256 is not null and artifact is not null));

create index models_importing on models (id) where status = 'importing';

-- As job_events: numbered under the lock of the model's row.
create table model_events (
    model_id   text collate "C" not null references models on delete cascade,
    id         bigint      not null,
    type       text        not null,
    data       jsonb       not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (model_id, id)
);
