-- What a user asked for is one document that never changes; what changes stays in columns.
alter table jobs
    add column spec      jsonb,
    add column precision text; -- decided by the first attempt, for all attempts

update jobs set
    spec = jsonb_build_object(
        'task', case when task = 'text-classification' and task_options @> '{"multi_label": true}'
            then 'multi-label-classification' else task end,
        'base_model', base_model,
        'dataset', dataset_id,
        'validation_dataset', validation_dataset_id,
        'test_dataset', test_dataset_id,
        'subset', subset,
        'labels', labels,
        'method', method,
        'hyperparameters', hyperparameters,
        'task_options', task_options,
        'early_stopping', early_stopping,
        'best_metric', coalesce(early_stopping ->> 'metric', case
            when task = 'text-classification' and task_options @> '{"multi_label": true}' then 'f1_micro'
            when task = 'text-classification' then 'f1_macro'
            when task = 'token-classification' then 'f1'
            else 'loss' end),
        'checkpoints', checkpoints);

alter table jobs
    alter column spec set not null,
    drop column task,
    drop column base_model,
    drop column dataset_id,
    drop column validation_dataset_id,
    drop column test_dataset_id,
    drop column subset,
    drop column labels,
    drop column method,
    drop column hyperparameters,
    drop column task_options,
    drop column early_stopping,
    drop column checkpoints;

comment on column jobs.spec is 'dev.anneal.spec.JobSpec as JSON; it never changes';
