-- Files that arrive in parts. How much of one is there is the size of its file, which lies on the server that created the upload.
create table uploads (
    id         text collate "C" primary key,
    project    text collate "C" not null references projects,
    name       text        not null,
    size_bytes bigint      not null,
    metadata   text        not null, -- as the client sent it
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on uploads (project, id);
create index on uploads (expires_at);
