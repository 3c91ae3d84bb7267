-- The names of files in an uploaded zip that the model does not need. They are not stored.
alter table models add column files_left_out jsonb not null default '[]';
