-- Who is told of changes of jobs, and what is still to be told.

create table webhooks (
    id              text collate "C" primary key,
    project         text collate "C" not null references projects on delete cascade,
    url             text        not null,
    events          text[]      not null,
    description     text,
    secret          text        not null, -- signs, so it is needed as it is; nothing but the deliverer reads it
    disabled_at     timestamptz,
    disabled_reason text,
    created_at      timestamptz not null
);
create index on webhooks (project, id);

-- The outbox, and what became of it: a row is written in the transaction that changes the job's status.
create table webhook_deliveries (
    id              text collate "C" primary key,
    seq             bigint generated always as identity,
    webhook_id      text collate "C" not null references webhooks on delete cascade,
    job_id          text collate "C" not null,
    type            text        not null,
    body            text        not null, -- the bytes that are signed, the same at each attempt
    status          text        not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts        int         not null default 0,
    next_attempt_at timestamptz,
    lease_until     timestamptz,          -- while an attempt is under way
    response_status int,
    error           text,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz
);
create index on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at, seq) where status = 'pending';
create index webhook_deliveries_of_job on webhook_deliveries (webhook_id, job_id, seq) where status = 'pending';
create index webhook_deliveries_finished on webhook_deliveries (finished_at) where finished_at is not null;

-- A key whose work is done outside a transaction is held by whoever has the token, until the lease runs out.
alter table idempotency_keys
    add column token       text,
    add column lease_until timestamptz;
