-- Jobs of every task and method: the options of their tasks, and which rows they train on.
alter table jobs
    add column task_options jsonb not null default '{}',
    add column subset       jsonb;

-- What the jobs until now did without being told.
update jobs set
    task_options = '{"multi_label": false}',
    hyperparameters = '{"gradient_accumulation_steps": 1, "lr_scheduler_type": "linear", "warmup_steps": null,
                        "layerwise_lr_decay": 1, "label_smoothing": 0, "class_weights": null}'::jsonb || hyperparameters,
    early_stopping = '{"min_delta": 0}'::jsonb || early_stopping;
