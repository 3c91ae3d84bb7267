-- Projects own datasets, jobs and models. What was there before belongs to the first one; a base model without a project is
-- everybody's.
create table projects (
    id         text collate "C" primary key,
    name       text        not null,
    created_at timestamptz not null default now()
);
insert into projects (id, name) values ('default', 'Default');

alter table datasets add column project text collate "C" not null default 'default' references projects;
alter table jobs add column project text collate "C" not null default 'default' references projects;
alter table models add column project text collate "C" references projects;
update models set project = 'default' where kind = 'fine-tuned' or source is not null;

create index on datasets (project, id);
create index on jobs (project, id);
create index on models (project, id);
