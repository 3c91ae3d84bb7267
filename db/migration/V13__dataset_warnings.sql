-- Warnings beside errors, and findings about a dataset as a whole, which have no line.
alter table dataset_problems
    add column severity text not null default 'error' check (severity in ('error', 'warning')),
    alter column line drop not null;
alter table dataset_problems alter column severity drop default;

-- problem_count counts the errors. problem_codes has the number of findings of each code. skipped_count counts bad rows that
-- were set aside.
alter table datasets
    add column warning_count bigint not null default 0,
    add column problem_codes jsonb  not null default '[]',
    add column skipped_count bigint not null default 0;
