-- The row that a problem concerns, by which rows with a problem are found. Null if the problem concerns the whole dataset, or a
-- row that is not stored. Problems of before have none.
alter table dataset_problems add column row_number bigint;
