-- Datasets, jobs and models are found by name, and names are checked when something new gets one.
create index datasets_name on datasets (project, name);
create index jobs_name on jobs (project, name);
create index models_name on models (name);
