-- A worker that is lost with its process or machine is not the job's fault.
alter table jobs add column worker_losses int not null default 0;

comment on column jobs.losses is 'attempts since the last new checkpoint whose trainer was lost';
comment on column jobs.worker_losses is 'attempts since the last new checkpoint whose worker was lost';
