-- A dataset has a row before its file is checked. What is found in the file is null until then: upload is the request, attempt counts
-- the processes that began the check, and the last of them renews the lease.
alter table datasets
    alter column task drop not null,
    alter column format drop not null,
    alter column sha256 drop not null,
    add column upload      text,
    add column progress    jsonb,
    add column attempt     int not null default 0,
    add column lease_until timestamptz,
    add column same_as     text collate "C"; -- an older dataset of the same files

alter table datasets add constraint datasets_ready_is_known check (status <> 'ready'
    or (task is not null and format is not null and sha256 is not null));

create index datasets_validating on datasets (id) where status = 'validating';
create index datasets_sha256 on datasets (project, sha256);
