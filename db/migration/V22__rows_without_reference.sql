-- Postgres checks a reference for each row that is stored, at the end of the transaction, and keeps a note of each until then. It
-- takes longer than storing the rows. A dataset and its rows are stored in one transaction, and this trigger deletes them in one.
alter table dataset_rows drop constraint dataset_rows_dataset_id_fkey;

create function delete_rows_of_dataset() returns trigger language plpgsql as $$
begin
    delete from dataset_rows where dataset_id = old.id;
    return null;
end $$;

create trigger delete_rows after delete on datasets for each row execute function delete_rows_of_dataset();
