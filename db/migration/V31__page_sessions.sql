-- The sessions of the page. A row has no secret: the cookie has it, and its SHA-256 finds the row.
create table page_sessions (
    sha256       text primary key,
    key_id       text collate "C" not null references api_keys on delete cascade,
    project      text collate "C" references projects on delete cascade, -- chosen by the server's admin; null: the default
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now()
);
