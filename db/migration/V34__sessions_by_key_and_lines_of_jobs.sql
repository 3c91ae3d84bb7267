-- A sign-in ends all but the newest sessions of its key or person.
create index page_sessions_key on page_sessions (key_id);
create index page_sessions_identity on page_sessions using hash (identity);

-- The last lines of a job's log, which may be before a million steps.
create index job_events_lines on job_events (job_id, id) where type in ('log', 'status');
