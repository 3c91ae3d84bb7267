-- Warnings beside errors, and findings about a dataset as a whole, which have no line. The default is for processes of the
-- version before, which insert errors while the processes are replaced one after the other.
alter table dataset_problems
    add column severity text not null default 'error' check (severity in ('error', 'warning')),
    alter column line drop not null;

-- problem_count counts the errors. problem_codes has the number of findings of each code. skipped_count counts bad rows that
-- were set aside.
alter table datasets
    add column warning_count bigint not null default 0,
    add column problem_codes jsonb  not null default '[]',
    add column skipped_count bigint not null default 0;

update datasets set problem_codes = found.codes
from (
    select dataset_id, jsonb_agg(
        jsonb_build_object('code', code, 'severity', 'error', 'count', problems) order by first) as codes
    from (
        select dataset_id, code, count(*) as problems, min(number) as first from dataset_problems
        group by dataset_id, code) counted
    group by dataset_id) found
where datasets.id = found.dataset_id;
