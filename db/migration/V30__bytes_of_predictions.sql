-- The storage limit of a project counts its predictions. Null if there are none, or if an earlier version stored them.
alter table jobs add column predictions_bytes bigint;

-- No sweep may find the files that a job names: one of an earlier version would remove them.
delete from job_files f using jobs j where j.predictions = f.artifact;
