-- One index finds the rows of a dataset by their numbers, and tells their splits. A second one by split took as long as storing rows.
drop index dataset_rows_dataset_id_split_number_idx;
alter table dataset_rows drop constraint dataset_rows_pkey, add primary key (dataset_id, number, split);
