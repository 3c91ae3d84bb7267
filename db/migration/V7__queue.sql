-- In which order jobs are claimed, and by whom. All times are the database's.
alter table projects
    add column max_running_jobs int check (max_running_jobs >= 0), -- null: no limit
    add column weight double precision not null default 1 check (weight > 0);

alter table jobs
    add column priority     int not null default 0 check (priority between -100 and 100),
    add column memory_bytes bigint; -- estimated at submission; null for jobs older than this, which fit everywhere

-- The first of each project in the order of the claim; what decides whether a slot takes it is read off the index.
drop index jobs_queued;
create index jobs_queued on jobs (project, priority desc, id) include (memory_bytes, next_attempt_at)
    where status = 'queued';
-- Not by lease_until: a heartbeat that changes no indexed column is a heap-only update. Few jobs run at a time.
drop index jobs_running;
create index jobs_running on jobs (project) where status = 'running';
-- What ended lately, for how long a job takes.
create index jobs_ended on jobs (finished_at desc) include (started_at) where status = 'succeeded';

-- Room for heap-only updates, and a vacuum that does not wait for a fifth of all the jobs there ever were.
alter table jobs set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- One row for each start of a worker. It is gone, whatever its status, where it was not seen for a while.
create table workers (
    id           text collate "C" primary key,
    host         text        not null,
    version      text        not null,
    devices      jsonb       not null, -- one for each slot: {"slot", "device", "memory_bytes"}
    slots        int         not null,
    status       text        not null default 'active' check (status in ('active', 'draining')),
    started_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
);
