-- Who may do what: keys with a role in a project, what a project may use, and the log of changes.

alter table projects
    add column max_queued_jobs   int, -- null, as in all of these: no limit
    add column max_datasets      int,
    add column max_storage_bytes bigint;

-- A key without a project is one of the server's admins, as the first one is.
alter table api_keys
    add column role         text not null default 'admin' check (role in ('viewer', 'editor', 'admin')),
    add column project      text collate "C" references projects,
    add column prefix       text, -- with the last four, what tells keys apart; null in keys from before
    add column last_four    text,
    add column created_by   text, -- a key or a person; null where the server made it
    add column last_used_at timestamptz,
    add column expires_at   timestamptz,
    add column revoked_at   timestamptz,
    add constraint api_keys_server_is_admin check (project is not null or role = 'admin');
alter table api_keys alter column role drop default;

-- A project's own base model may bear the name of another project's.
drop index models_base_name;
create unique index models_base_name on models (coalesce(project, ''), name) where kind = 'base';

-- Until now all calls were the first key's, and all that they made the first project's.
alter table idempotency_keys
    add column project text collate "C" not null default 'default',
    add column subject text not null default '';
update idempotency_keys set subject = coalesce((select min(id) from api_keys), '');
alter table idempotency_keys
    alter column project drop default,
    alter column subject drop default,
    drop constraint idempotency_keys_pkey,
    add primary key (project, subject, operation, key);

-- Every change that was asked for through the API, also those that were refused. Rows stay as they are.
create table audit_log (
    id         text collate "C" primary key,
    created_at timestamptz not null default now(),
    subject    text,          -- a key's id or a token's subject; null where nobody was known
    name       text,
    project    text collate "C",
    operation  text not null, -- the operationId of the contract
    resource   text,
    status     int  not null, -- of the answer
    address    text not null,
    user_agent text
);
create index on audit_log (project, id);

create function audit_log_stays() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
create trigger audit_log_stays before update or delete on audit_log
    for each row execute function audit_log_stays();
create trigger audit_log_stays_whole before truncate on audit_log
    for each statement execute function audit_log_stays();
