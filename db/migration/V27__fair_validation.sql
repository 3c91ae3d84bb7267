-- A restart or a lost server is not the file's fault: lost_checks counts the processes that ended while they read the files, and
-- checking says whether a process reads them now. acknowledged says whether a client was told of the dataset before its end: then
-- it is not removed if its files are refused.
alter table datasets
    add column checking     boolean not null default false,
    add column lost_checks  int     not null default 0,
    add column acknowledged boolean not null default false;

create index on idempotency_keys (resource);
