-- Ids sort by the time they were made; collate "C" keeps that order whatever the locale of the database.

create table api_keys (
    id         text collate "C" primary key,
    name       text        not null,
    sha256     text        not null unique,
    created_at timestamptz not null default now()
);

create table datasets (
    id            text collate "C" primary key,
    name          text        not null,
    task          text        not null,
    format        text        not null,
    status        text        not null check (status in ('validating', 'ready', 'rejected')),
    row_count     bigint      not null,
    size_bytes    bigint      not null,
    sha256        text        not null,
    columns       jsonb       not null,
    labels        jsonb       not null,
    splits        jsonb       not null,
    problem_count bigint      not null,
    created_at    timestamptz not null
);

-- One row of the file each, as {"text": …, "text_pair": …, "label": …}, which is what a trainer reads.
-- The rows come first and the dataset, which counts them, last: hence the deferred reference.
create table dataset_rows (
    dataset_id text collate "C" not null references datasets on delete cascade deferrable initially deferred,
    number     bigint not null,
    split      text   not null check (split in ('train', 'validation', 'test')),
    content    jsonb  not null,
    primary key (dataset_id, number)
);
create index on dataset_rows (dataset_id, split, number);

create table dataset_problems (
    dataset_id text collate "C" not null references datasets on delete cascade,
    number     bigint not null,
    line       bigint not null,
    col        text,
    code       text   not null,
    message    text   not null,
    primary key (dataset_id, number)
);

-- The job row is the queue. A worker claims it (attempt + 1), holds a lease, and each of its writes names the attempt.
create table jobs (
    id                    text collate "C" primary key,
    name                  text        not null,
    task                  text        not null,
    base_model            text        not null,
    dataset_id            text        not null,
    validation_dataset_id text,
    test_dataset_id       text,
    labels                jsonb       not null,
    method                jsonb       not null,
    hyperparameters       jsonb       not null,
    early_stopping        jsonb,
    metadata              jsonb       not null,
    status                text        not null
        check (status in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    attempt               int         not null default 0,
    losses                int         not null default 0, -- attempts whose worker vanished
    worker                text,
    lease_until           timestamptz,
    last_event            bigint      not null default 0,
    progress              jsonb,
    best                  jsonb,
    test_metrics          jsonb,
    report                jsonb,
    model_id              text,
    error                 jsonb,
    created_at            timestamptz not null,
    started_at            timestamptz,
    finished_at           timestamptz
);
create index jobs_queued on jobs (id) where status = 'queued';
create index jobs_running on jobs (lease_until) where status = 'running';
create index jobs_status on jobs (status, id);

create table job_metrics (
    job_id  text collate "C" not null references jobs on delete cascade,
    epoch   int   not null,
    metrics jsonb not null,
    primary key (job_id, epoch)
);

-- Ids count 1, 2, 3, … within a job: they are taken from jobs.last_event under the lock of the job's row.
create table job_events (
    job_id     text collate "C" not null references jobs on delete cascade,
    id         bigint      not null,
    type       text        not null,
    data       jsonb       not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (job_id, id)
);

create table models (
    id              text collate "C" primary key,
    name            text        not null,
    kind            text        not null check (kind in ('base', 'fine-tuned')),
    architecture    text        not null,
    task            text,
    labels          jsonb       not null,
    parameters      bigint      not null,
    max_length      int         not null,
    base_model      text,
    job_id          text unique,
    dataset_id      text,
    dataset_sha256  text,
    hyperparameters jsonb,
    metrics         jsonb,
    size_bytes      bigint      not null,
    sha256          text        not null,
    artifact        text        not null,
    created_at      timestamptz not null
);
create unique index models_base_name on models (name) where kind = 'base';

create table idempotency_keys (
    key            text        not null,
    operation      text        not null,
    request_sha256 text        not null,
    resource       text,
    created_at     timestamptz not null default now(),
    primary key (key, operation)
);
