-- Versions: which dataset they are made of, what changed, and all datasets before, which may be deleted since.
alter table datasets
    add column parent  text collate "C",
    add column changes jsonb not null default '[]',
    add column lineage jsonb not null default '[]';
create index datasets_lineage on datasets using gin (lineage jsonb_path_ops);
