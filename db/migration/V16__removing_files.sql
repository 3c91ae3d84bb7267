-- When a process began to remove the files from the store. A model can no longer name them, even if only some of them are
-- removed. -infinity if the removal failed.
alter table job_files add column removing_since timestamptz;
