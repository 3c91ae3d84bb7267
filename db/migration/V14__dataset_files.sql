-- How each file of a dataset was read: its format, encoding, delimiter, compression and so on, as found in it or as given.
alter table datasets add column files jsonb not null default '[]';

-- The file of a problem; null if the dataset has only one.
alter table dataset_problems add column file text;
